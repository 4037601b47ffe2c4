// From the errors of a pattern to those of everything that is found on a curve made of it: linear, to first order.
#pragma once

#include "pipeline/core/curve_errors.hpp"
#include "pipeline/core/curves.hpp"

#include <vector>

namespace sqd {

/// dX/dx_j of X = sum a_i y_i: a_j direct_j + sum_p (sum_i a_i effect_pi) response_pj. `a` has the length of the curve.
std::vector<double> sensitivity(CurveErrors const& errors, std::vector<double> const& a);

/// Standard deviation of sum b_j x_j, and the part of it that the background has. NaN where a sigma that counts is not known.
struct Spread {
    double sigma = 0, background_sigma = 0;
};
Spread spread_of(CurveErrors const& errors, std::vector<double> const& b);

/// Covariance of sum a_j x_j and sum b_j x_j.
double covariance(CurveErrors const& errors, std::vector<double> const& a, std::vector<double> const& b);

/// Spread of every point y_i, by the structure of the errors and so without a sensitivity for each.
std::vector<Spread> spread_of_points(CurveErrors const& errors);

/// `value` = X with its spread, where dX/dx_j = `b`.
Estimate estimate(double value, CurveErrors const& errors, std::vector<double> b);

/// Errors of points that are those of a pattern itself: direct = 1, nothing shared. `chosen` are their bins, ascending.
CurveErrors pattern_errors(std::vector<double> const& sigma, std::vector<double> const& background_sigma,
                           std::vector<double> const& correlation, std::vector<std::size_t> const& chosen);

/// Those of all bins of a pattern.
CurveErrors pattern_errors(Pattern1D const& pattern);

} // namespace sqd
