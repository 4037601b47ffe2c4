// What each step of the low-r cleaning multiplied S(q) by.
#pragma once

#include <Eigen/Core>

#include <vector>

namespace sqd {

/// S' = S [1 - K(S)] some times over (clean_low_r).
struct LowRSteps {
    std::vector<std::vector<double>> const& before; ///< S before each step
    std::vector<double> const& weight;              ///< of the trapezoid in q
    double density_A3 = 0, low_r_cut_A = 0;
};

/// 1 - K(S) on the points of the grid, per step. K by Gauss-Legendre (band_limited_quadrature).
std::vector<Eigen::ArrayXd> low_r_factors(std::vector<double> const& q_invA, LowRSteps const& steps);

} // namespace sqd
