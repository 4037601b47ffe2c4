// Least squares of the peak model with bounds, and what counting noise does to its parameters.
#pragma once

#include "pipeline/reduce/peak_model.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <array>
#include <span>

namespace sqd {

/// What is fitted: weights 1 / sigma^2 where every sigma is known and positive, else all 1 (`sigma` empty).
struct PeakData {
    std::span<double const> q, y, sigma;
    std::span<double const> correlation = {}; ///< of each error with the next one's; empty = none. Weights do not know of it
};

struct PeakBounds {
    PeakParameters low, high;
};

/// Outcome of a fit. Covariance is statistical: see fit_peak. Rows and columns of parameters at a bound are 0.
struct PeakFit {
    PeakParameters parameters{};
    std::array<bool, peak_parameters> at_bound{};
    std::array<std::array<double, peak_parameters>, peak_parameters> covariance{};
    double chi2 = 0;
    std::size_t free_parameters = 0; ///< not at a bound
    bool converged = false;
    bool covariance_known = false; ///< sigma was given and the minimum is a proper one
    int iterations = 0;
};

/// Levenberg (1944) & Marquardt (1963) with analytic derivatives; bounds by projection, a parameter at a bound that pushes outwards
/// rests. `pseudo_voigt` ties widths and mixings of both sides. Deterministic.
///
/// Covariance of the estimate under repeated counting is the sandwich H^-1 (J^T W Sigma W J) H^-1 (Huber 1967; White 1982) with H the
/// full Hessian of chi^2 / 2, second derivatives times residuals included: a model that does not fit has another curvature than
/// J^T W J, and no chi^2 is multiplied in. Errors of neighbours that correlate are off the diagonal of Sigma.
PeakFit fit_peak(PeakData const& data, PeakParameters const& start, PeakBounds const& bounds, PeakModel model);

} // namespace sqd
