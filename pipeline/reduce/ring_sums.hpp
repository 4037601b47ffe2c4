// Sums over the pixels of every bin, and the pattern they make.
#pragma once

#include "pipeline/reduce/pixel_shares.hpp"
#include "pipeline/reduce/pixel_terms.hpp"

#include <vector>

namespace sqd {

struct RingMoments; // pipeline/reduce/ring_moments.hpp

/// With c = share of a pixel in the bin, s = its signal, n = its norm, v = its variance:
/// signal = sum c s, norm = sum c n, norm2 = sum (c n)^2, count = sum c, variance as the error model has it,
/// common = sum c c' v with the share c' that the pixel has in the next bin (0 where pixels are not split).
struct RingSums {
    std::vector<double> signal, variance, norm, norm2, count, common;
    /// Of empty bins.
    explicit RingSums(std::size_t bins = 0);
    void set(std::size_t bin, RingMoments const& moments);
};

/// A pattern with what it was made of. Empty bins are NaN with count 0.
struct RingPattern {
    RadialUnit unit = RadialUnit::q_invA;
    Axis axis;
    std::vector<double> intensity; ///< signal / norm
    std::vector<double> sem;       ///< standard error of `intensity`
    std::vector<double> std;       ///< standard deviation of a pixel's signal / norm in the ring
    RingSums sums;
    std::vector<double> correlation = {}; ///< neighbour_correlation(); empty without splitting
};

/// Variance: Poisson sum c^2 v; azimuthal sum (c n)^2 (s / n - mean)^2 about the final mean, in two passes (pyFAI 2024 and later, without
/// the order dependence of its single pass), or with `pyfai_0_21` sum (c n) (s / n - mean)^2. hybrid counts as poisson here.
RingSums sum_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, bool pyfai_0_21, ParallelFor const& parallel_for);

/// RingSums::norm alone.
std::vector<double> norm_of_rings(ShareMatrix const& shares, PixelTerms const& terms, ParallelFor const& parallel_for);

/// sem = sqrt(variance) / norm; std = sqrt(variance / norm2), with `pyfai_0_21` sqrt(variance / norm).
RingPattern to_ring_pattern(PixelShares const& shares, RingSums sums, bool pyfai_0_21);

/// Correlation coefficients of every bin's Poisson error with that of the next bin, that splitting introduces: neighbours share pixels, so
/// sum c1 c2 v / sqrt(sum c1^2 v sum c2^2 v). One less than bins; 0 without splitting. `poisson` = the sums of all pixels by that model.
std::vector<double> neighbour_correlation(RingSums const& poisson);

} // namespace sqd
