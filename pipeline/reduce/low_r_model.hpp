// What low-r cleaning did to S(q), so that its errors can follow.
#pragma once

#include "pipeline/reduce/even_interpolation.hpp"
#include "pipeline/reduce/low_r_basis.hpp"
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <Eigen/Core>

#include <vector>

namespace sqd {

/// S' = S [1 - K(S)] some times over (clean_low_r). Its derivative takes K by the exact integral (band_limited_quadrature), where the
/// cleaning has a trapezoid.
struct LowRModel {
    std::vector<Eigen::ArrayXd> before;  ///< S before each step, on the points of the grid
    std::vector<Eigen::ArrayXd> factors; ///< 1 - K(S) of each step
    LowRBasis basis;                     ///< of the radii below the cut
    double step_A = 0;                   ///< that its radii are multiples of
};

LowRModel low_r_model(TransformGrid const& grid, LowRSteps const& steps, EvenInterpolation const& smooth, double density_A3,
                      double low_r_cut_A, double step_A);

} // namespace sqd
