// From S(q) to the reduced pair distribution function G(r).
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"

namespace sqd {

/// G(r) = (2/pi) int_0^q_max q [S(q) - 1] M(q) sin(qr) dq at r = r_step, 2 r_step, ... r_max: plain trapezoid on the points of the data
/// and of S below them (transform_grid).
///
/// With low_r_cut and iterations, S is first cleaned (clean_low_r, or take_out_top_hat). g_sigma is that of what is returned: through the
/// scale that all points of S share, the added points, the cleaning and the window (spread_of_g). NaN where s_sigma is not known, and
/// everywhere without `errors`. Neighbouring r are correlated over pi / q_max (covariance_of_g).
///
/// Shells: find_shells, beyond low_r_cut (beyond 1 A without one).
///
/// Throws DataError when fewer than 10 points lie below q_max.
PairDistribution pair_distribution(StructureFactor const& sq, PairDistributionConfig const& config);

} // namespace sqd
