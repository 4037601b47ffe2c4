// Errors of neighbouring bins that move together.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// Correlations of chosen points, each with the next one of them: that of `all` where they were neighbours there, else 0 (farther ones
/// share next to nothing). `chosen` ascending. Empty where `all` is.
std::vector<double> correlation_of_chosen(std::vector<double> const& all, std::vector<std::size_t> const& chosen);

/// Variance of sum a_i x_i, where `spread` = a_i sigma_i and neighbours correlate: sum spread^2 + 2 sum r_i spread_i spread_(i+1).
/// `correlation` of each with the next; empty = none.
double variance_of_sum(std::vector<double> const& spread, std::vector<double> const& correlation);

} // namespace sqd
