// Least squares of the peak model with bounds, and what its parameters hang on.
#pragma once

#include "pipeline/reduce/peak_model.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace sqd {

/// What is fitted: weights 1 / sigma^2, all 1 where `sigma` is empty.
struct PeakData {
    std::span<double const> q, y, sigma;
};

struct PeakBounds {
    PeakParameters low, high;
};

/// Outcome of a fit.
struct PeakFit {
    PeakParameters parameters{};
    std::array<bool, peak_parameters> at_bound{};
    /// d parameter / d y_i with the weights as they are; 0 of a parameter at its bound. Empty where the minimum is no proper one.
    std::array<std::vector<double>, peak_parameters> response;
    double chi2 = 0;
    std::size_t free_parameters = 0; ///< not at a bound
    bool converged = false;
    int iterations = 0;

    bool proper_minimum() const { return !response.front().empty(); }
};

/// Levenberg (1944) & Marquardt (1963) with analytic derivatives; bounds by projection, a parameter at a bound that pushes outwards
/// rests. `pseudo_voigt` ties widths and mixings of both sides. Deterministic.
///
/// The response is H^-1 J^T W with H the full Hessian of chi^2 / 2, second derivatives times residuals included: a model that does not
/// fit has another curvature than J^T W J. With the covariance Sigma of y it makes the sandwich H^-1 J^T W Sigma W J H^-1 (Huber 1967;
/// White 1982): the scatter under repeated counting, whatever the weights are, and no chi^2 is multiplied in.
PeakFit fit_peak(PeakData const& data, PeakParameters const& start, PeakBounds const& bounds, PeakModel model);

/// sum (response_i sigma_i)^2: the variance of a parameter where the y_i err independently.
double variance_under(std::vector<double> const& response, std::span<double const> sigma);

} // namespace sqd
