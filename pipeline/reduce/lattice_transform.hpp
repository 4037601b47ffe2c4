// The sine transform at many r, values and errors, by sums on a lattice of r.
#pragma once

#include "pipeline/core/curve_errors.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/grid_errors.hpp"
#include "pipeline/reduce/low_r_model.hpp"

#include <vector>

namespace sqd {

/// X(r) = sum_q kernel_q y_q sin(qr).
struct SineTransform {
    std::vector<double> const& q_invA;
    std::vector<double> const& kernel;
    double r_step_A = 0;    ///< of the radii that are wanted: the lattice is made to have them among its points, or evenly between
    double low_r_cut_A = 0; ///< of the cleaning; 0 = none
};

/// At `r_A`, good to 1e-13 of sum |kernel y|. sin(qr) holds no wave in r shorter than 2 pi / q_max: what lies between the points of the
/// lattice is known from them.
std::vector<double> sine_transform(SineTransform const& transform, std::vector<double> const& y, std::vector<double> const& r_A);

struct TransformWithSpread {
    std::vector<double> values;
    std::vector<Spread> spread;
};

/// The same to the bit, and the standard deviation of X at `r_A`, of y that errs with the data x by `errors`: to first order, through the
/// cleaning where there was one: its basis is on this lattice (lattice_step). Errors of x are independent: sigma, and the background's part
/// of it, per datum.
///
/// With w_q(r) = dX/dy_q the variance is a sum over data of sigma^2 (w direct + sum over shared)^2. Products of two sines are cosines of
/// sums and differences of radii, so it takes sums over q on the lattice, and forms of the shared parameters and of the radii below the cut
/// (LowRBasis) at its points. The variance holds no wave shorter than pi / q_max.
TransformWithSpread sine_transform_with_spread(SineTransform const& transform, std::vector<double> const& y, GridErrors const& errors,
                                               std::vector<double> const& sigma, std::vector<double> const& background_sigma,
                                               LowRModel const* cleaning, std::vector<double> const& r_A);

} // namespace sqd
