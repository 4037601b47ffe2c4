// How uncertain the mean between two quantiles is.
#pragma once

namespace sqd {

/// Variance of the mean of what lies between the quantiles `low` and `high` of many normal values, over that of the mean of them all: the
/// variance of the winsorized normal law over (high - low)^2, and low (1 - low) / phi(z)^2 where both are the same, pi / 2 for the median
/// (Huber, Robust Statistics (1981), sections 3.2 and 3.3). Needs 0 <= low <= high <= 1, and 0 < low < 1 where both are the same (assert).
double trimmed_mean_variance(double low, double high);

} // namespace sqd
