// How S(q) after low-r cleaning hangs on S(q) before it.
#include "pipeline/reduce/low_r_response.hpp"

#include "pipeline/reduce/sine_matrix.hpp"

#include <numbers>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

Curve view(std::vector<double> const& v) {
    return {v.data(), static_cast<Eigen::Index>(v.size())};
}

} // namespace

Image<double> before_cleaning(TransformGrid const& grid, std::vector<std::vector<double>> const& before, double density_A3,
                              double low_r_cut_A, Image<double> const& weights) {
    auto const radii = band_limited_quadrature(grid.q_invA.back(), 0, low_r_cut_A);
    Eigen::MatrixXd const over_q = sines_over_q(grid.q_invA, radii.x);
    Eigen::ArrayXd const kernel = 2 / std::numbers::pi * view(grid.weight) * view(grid.q_invA).square(); // of over_q
    auto const dr = view(radii.weight);

    Image<double> out = weights;
    Eigen::Map<Eigen::MatrixXd> rows(out.pixels.data(), static_cast<Eigen::Index>(out.cols), static_cast<Eigen::Index>(out.rows));
    for (auto step = before.rbegin(); step != before.rend(); ++step) {
        auto const s = view(*step);
        Eigen::ArrayXd const g = (over_q.transpose() * (kernel * (s - 1)).matrix()).array();
        Eigen::ArrayXd const k = (over_q * (dr * (g + 4 * std::numbers::pi * density_A3 * view(radii.x))).matrix()).array();
        Eigen::MatrixXd const at_r = dr.matrix().asDiagonal() * ((s.matrix().asDiagonal() * over_q).transpose() * rows);
        rows = (1 - k).matrix().asDiagonal() * rows;
        rows.noalias() -= (kernel.matrix().asDiagonal() * over_q) * at_r;
    }
    return out;
}

} // namespace sqd
