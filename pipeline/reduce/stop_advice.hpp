// Whether more counts are worth their time.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/core/uncertainty.hpp"

#include <vector>

namespace sqd {

/// What limits q1 and what more counts of the same sample can do. The sample's part of the variance falls as 1 / counts, that of the
/// background it was freed from does not, nor do distance and corrections (their floor, in quadrature). With r requested, s and b the
/// parts of sample and background, the counts have to grow by s^2 / (r^2 - b^2).
/// * floor_reached: the statistical error is below half of the floor - more counts would not be seen - or b alone exceeds what was asked;
/// * reached: the statistical error is what was asked, or less;
/// * count_on: else.
/// `seconds` of exposure so far; 0 = not known. nullopt without a statistical error.
std::optional<StopAdvice> stop_advice(Fsdp const& peak, std::vector<SystematicTerm> const& terms, double requested_invA, double seconds);

} // namespace sqd
