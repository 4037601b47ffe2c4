// Sines of q r at chosen radii, for integrals over r of what is band-limited by q_max.
#pragma once

#include "pipeline/reduce/gauss_legendre.hpp"

#include <Eigen/Core>

#include <vector>

namespace sqd {

/// Of every q (rows) and radius (columns).
Eigen::MatrixXd sines(std::vector<double> const& q_invA, std::vector<double> const& r_A);

/// The same over q; r where q = 0.
Eigen::MatrixXd sines_over_q(std::vector<double> const& q_invA, std::vector<double> const& r_A);

/// Points for integrals over [low, high] of products of two functions that hold no wave shorter than 2 pi / q_max.
Quadrature band_limited_quadrature(double q_max_invA, double low_A, double high_A);

} // namespace sqd
