// Scatter by ranks.
#pragma once

namespace sqd {

/// Sigma of a normal law over the median of |x - median|: 1 / Phi^-1(3/4).
inline constexpr double sigma_per_median_deviation = 1.4826;

} // namespace sqd
