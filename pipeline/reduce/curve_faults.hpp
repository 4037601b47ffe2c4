// What is wrong with a net pattern, in flags: nothing is repaired, and nothing is taken for a zero.
#pragma once

#include "pipeline/reduce/reduction.hpp"

#include <string>
#include <vector>

namespace sqd {

/// Of the range that S(q) is made of, else of the window of the peak:
/// * "negative_intensity:<bins>": bins that lie more than three sigmas (without sigma: at all) below zero - too much was subtracted;
/// * "q_gap:<low>-<high>": neighbouring values that are farther apart than five usual steps and 0.05 1/A; integrals over q join them by a
///   straight line. At most three, the widest;
/// * "q_max_beyond_data:<last>", "q_min_before_data:<first>": the range that was asked for goes on where the data do not.
std::vector<std::string> curve_faults(Pattern1D const& net, ReductionConfig const& config);

/// Near mu t = 1 a plate scatters the same whatever its thickness, which only a measured transmission tells: "thickness_blind" within
/// 0.3 of it where the transmission is computed. Empty else.
std::string thickness_fault(Sample const& sample, double optical_thickness);

} // namespace sqd
