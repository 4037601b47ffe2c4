// What each assumption of the reduction is worth, by finite differences: the recipe once more with it moved.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <vector>

namespace sqd {

/// Terms of `curves`, which reduce_pattern made of `sample` and `background` with `config`. Only those that apply:
/// * scale: alpha by half the difference of its two methods, or by its spread while q_max moves, whichever is more;
/// * density, compton, fluorescence (where lines are above the threshold): by the percents of UncertaintyConfig;
/// * background_scale: by background_scale_sigma;
/// * thickness: by its sigma (self-absorption and, where it is computed, transmission);
/// * distance: every q by cos^2(theta) cos(2 theta) t / L, the full thickness t as in q1_sigma_geometry;
/// * wavelength: every q by energy_sigma / energy.
/// Statistical errors play no part: both runs see the same counts.
std::vector<SystematicTerm> systematic_terms(Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                                             ReducedCurves const& curves, ReductionConfig const& config);

/// All terms of q1 but distance and wavelength, in quadrature.
double corrections_of_q1(std::vector<SystematicTerm> const& terms);

} // namespace sqd
