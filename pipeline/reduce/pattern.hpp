// Counts to a pattern, and a pattern minus its background.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <span>

namespace sqd {

/// I = (counts - dark) / norm, sigma = sqrt(max(counts, 1) + variance of the dark) / norm (Poisson, of the summed counts, unless the sums
/// say another variance); NaN where norm is 0. What is negative stays so.
Pattern1D to_pattern(BinMap const& bins, BinnedCounts const& sums);

/// Sums of an image that need not hold integers (an expected image, a float image): counts per bin of the map, in double.
/// `frames` multiplies counts and norm alike: the image is the mean of that many frames of `exposure_s` each.
BinnedCounts integrate_image(BinMap const& bins, std::span<double const> pixels, double frames, double exposure_s, double monitor);

/// sample - scale * background, variances and covariances of neighbours added; the variance of a dark that both share is that of its
/// difference. The axes must agree (assert).
Pattern1D subtract(Pattern1D const& sample, Pattern1D const& background, double scale);

} // namespace sqd
