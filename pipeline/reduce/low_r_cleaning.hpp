// Removes from S(q) what makes G(r) wrong where no atom can be.
#pragma once

#include "pipeline/reduce/even_interpolation.hpp"
#include "pipeline/reduce/sine_transform.hpp"

namespace sqd {

/// Iterative correction of Eggert et al. (2002), eq. 31-33, after Kaplow et al. (1965), in Faber-Ziman form: below `low_r_cut_A` no atoms
/// meet, so G(r) must be -4 pi rho0 r there; with dG = G + 4 pi rho0 r,
///   S'(q) = S(q) [1 - (1/q) int_0^cut dG(r) sin(qr) dr],
/// repeated `iterations` times. G is taken without window, on points `step_A` apart (made to divide the cut evenly).
/// Returns the cleaned S on the points of the grid.
std::vector<double> clean_low_r(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A);

/// What integrals over radii below the cut need of the grid: made once, it serves the cleaning and its errors.
EvenInterpolation smooth_below(TransformGrid const& grid, double low_r_cut_A);

/// S before each step of it, and after the last; and what each step saw of S - 1: (2/pi) w q^2 (S - 1), gathered at the nodes.
struct LowRSteps {
    std::vector<std::vector<double>> s;
    std::vector<Eigen::VectorXd> gathered;
};
LowRSteps low_r_steps(TransformGrid const& grid, EvenInterpolation const& smooth, double density_A3, double low_r_cut_A, int iterations,
                      double step_A);

/// What is left below the cut after the cleaning: residual_k = sqrt(w_k) [G_n(r_k) + 4 pi rho0 r_k], w_k the trapezoid's, so that the sum
/// of squares is int_0^cut [G_n + 4 pi rho0 r]^2 dr.
struct LowRExcess {
    std::vector<double> residual;
    std::vector<std::vector<double>> s; ///< S before each step of the cleaning, and after the last
    double step_A = 0, density_A3 = 0;
};
LowRExcess low_r_excess(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A);

/// d (sum_k weight_k residual_k) / d S on the points of the grid before cleaning: backwards through the steps of the cleaning.
std::vector<double> pull_back(TransformGrid const& grid, LowRExcess const& excess, std::vector<double> const& weight);

} // namespace sqd
