// Radii below a cut that stand for all of them.
#pragma once

#include "pipeline/reduce/gauss_legendre.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace sqd {

/// int_0^cut sin(qr) sin(q'r) dr = sum_mn sin(q r_m) weight_mn sin(q' r_n) for all q and q' up to q_max, with few r_m that are multiples of
/// a step: sines of all radii below the cut are sums of those of some q_max cut / pi + 10 (an interpolative decomposition: Cheng, Gimbutas,
/// Martinsson & Rokhlin, SIAM J. Sci. Comput. 26 (2005) 1389). Good to 1e-9.
struct LowRBasis {
    std::vector<std::size_t> multiple; ///< r_m in steps
    Eigen::MatrixXd weight;
};

/// `radii` are those of the integral (band_limited_quadrature), `step_A` below pi / q_max.
LowRBasis low_r_basis(double q_max_invA, Quadrature const& radii, double low_r_cut_A, double step_A);

} // namespace sqd
