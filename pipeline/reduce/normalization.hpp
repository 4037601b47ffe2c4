// The scale of one atom: alpha such that alpha I minus the inelastic terms oscillates about <f^2>.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/normalization_config.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// Data divided by <f>^2, so that S = 1 + alpha y - t. All of one length, without NaN, q ascending.
struct ScaledData {
    std::vector<double> q_invA;
    std::vector<double> y;      ///< I / (A <f>^2), arbitrary units
    std::vector<double> t;      ///< (<f^2> + all other self terms) / <f>^2
    std::vector<double> u = {}; ///< 1 / <f>^2: one electron unit; empty = no constant can be fitted
};

/// A scale and, where one was fitted, a constant in electron units, and how they hang on the data.
struct LinearScale {
    double alpha = 0;
    std::vector<double> response; ///< d alpha / d y_j
    double constant = 0;
    std::vector<double> constant_response = {}; ///< empty = there is none
};

/// The scale in use, and what every other way to find it would give.
struct Scale {
    Normalization normalization;
    LinearScale used;
};

/// Finds alpha in every way that the data bear and takes the configured one:
/// * kmn, Krogh-Moe (1956) & Norman (1957): int_0^Q q^2 (S - 1) dq = -2 pi^2 rho0 with S = 1 + alpha y - t, so
///   alpha = [int q^2 t dq - 2 pi^2 rho0] / int q^2 y dq. Trapezoid over the points; what is below the first: low_q.hpp. With damping both
///   integrands have a factor exp(-a q^2).
/// * high_q: least squares over the upper third, with or without a constant, high_q_scale.hpp.
/// * low_r: where G(r) must be -4 pi rho0 r, low_r_scale.hpp.
/// alpha_spread and alpha_kmn_mean: half the range, and the mean, of kmn while Q falls by 2.6 1/A (KmnScale::over_last_period).
/// alpha_sigma is the caller's to know. nullopt when there are fewer than 10 points or alpha is not positive.
std::optional<Scale> normalize(ScaledData const& data, double density_A3, NormalizationConfig const& config = {});

/// Trapezoid weights of points at `x`: sum of weight * f is the integral of f.
std::vector<double> trapezoid_weights(std::vector<double> const& x);

} // namespace sqd
