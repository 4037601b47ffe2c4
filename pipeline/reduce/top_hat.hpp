// Takes out of S(q) what is smooth in q, after Soper.
#pragma once

#include "pipeline/core/image.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <vector>

namespace sqd {

/// Soper (2009), as in Soper & Barney (2011) and GudrunX: less of S - 1 goes its mean over a sphere of radius `top_hat_invA` = Q_T about
/// the vector q, D = (S - 1) - <S - 1>, which takes smooth backgrounds out before any transform. In r the mean is a factor
/// f(Q_T r), f(x) = 3 (sin x - x cos x) / x^3; with d(r) the transform of D over 4 pi rho0 r,
///   b(r) = d(r) + 1 below `low_r_cut_A`, where no atoms meet; -d(r) f / (1 - f) above, which gives back what the mean took of the shells,
/// and S' = 1 + D - transform of b. b is followed to Q_T r = 30, where f is 0.003. At the end of the data the sphere is cut: the mean is
/// over what there is of it, so that a constant goes altogether. Linear in S. Without window.
/// Returns S' on the points of the grid.
std::vector<double> take_out_top_hat(TransformGrid const& grid, double density_A3, double low_r_cut_A, double top_hat_invA);

/// Of quantities sum_q weight_q S'_q, one per row, the weights that they have on S.
Image<double> before_top_hat(TransformGrid const& grid, double low_r_cut_A, double top_hat_invA, Image<double> const& weights);

} // namespace sqd
