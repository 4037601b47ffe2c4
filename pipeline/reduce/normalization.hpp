// The scale of one atom: alpha such that alpha I minus the inelastic terms oscillates about <f^2>.
#pragma once

#include "pipeline/core/curves.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// Data divided by <f>^2, so that S = 1 + alpha y - t. All of one length, without NaN, q ascending.
struct ScaledData {
    std::vector<double> q_invA;
    std::vector<double> y; ///< I / (A <f>^2), arbitrary units
    std::vector<double> t; ///< (<f^2> + all other self terms) / <f>^2
};

/// The scale and how it hangs on the data.
struct Scale {
    Normalization normalization;
    std::vector<double> response; ///< d alpha / d y_j
};

/// Krogh-Moe (1956) & Norman (1957): int_0^Q q^2 (S - 1) dq = -2 pi^2 rho0 with S = 1 + alpha y - t, so
///   alpha = [int q^2 t dq - 2 pi^2 rho0] / int q^2 y dq.
/// Trapezoid over the points; below the first, S is taken constant at its first value, which adds q1^3 / 3 of the integrands there.
/// Fills alpha (= alpha_kmn), alpha_high_q, alpha_spread, density and range; method "kmn".
/// alpha_high_q is least squares of y on t over the upper third of the range, weight 1: 1 / alpha = sum y t / sum t^2 (no bias by
/// the noise of y). alpha_spread is half the range of alpha_kmn while Q falls by 2.6 1/A (one period of the first shell), or by half
/// the range if that is less.
/// d alpha / d y_j = -alpha w_j q_j^2 / int q^2 y dq, w the weights of the integral. alpha_sigma is the caller's to know.
/// nullopt when there are fewer than 10 points or alpha is not positive.
std::optional<Scale> normalize(ScaledData const& data, double density_A3);

/// Trapezoid weights of points at `x`: sum of weight * f is the integral of f.
std::vector<double> trapezoid_weights(std::vector<double> const& x);

} // namespace sqd
