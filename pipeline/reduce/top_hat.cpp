// Takes out of S(q) what is smooth in q, after Soper.
#include "pipeline/reduce/top_hat.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

// Of one point: how much the points from `first` on have in its mean.
struct Mean {
    Eigen::Index first = 0;
    Eigen::VectorXd weight;
};

// Part of a sphere of radius `hat` about q that lies at p from the origin: 4 pi p^2 as far as it is inside altogether.
double shell_in_sphere(double q, double p, double hat) {
    if (p <= hat - q) return 4 * std::numbers::pi * p * p;
    double const outside = p - q;
    return std::abs(outside) < hat ? std::numbers::pi * p * (hat * hat - outside * outside) / q : 0;
}

std::vector<Mean> means(TransformGrid const& grid, double hat) {
    std::vector<Mean> out;
    std::size_t first = 0;
    for (double const q : grid.q_invA) {
        while (grid.q_invA[first] < q - hat) ++first;
        std::vector<double> weights;
        for (std::size_t j = first; j < grid.q_invA.size() && grid.q_invA[j] <= q + hat; ++j)
            weights.push_back(grid.weight[j] * shell_in_sphere(q, grid.q_invA[j], hat));
        Eigen::VectorXd const weight = view(weights);
        out.push_back({static_cast<Eigen::Index>(first), weight / std::max(weight.sum(), 1e-300)}); // at q = 0 there may be nothing
    }
    return out;
}

// What b(r) is of the transform of D: 1 below the cut, -f / (1 - f) above, at points for integrals over r.
struct Correction {
    Quadrature radii;
    std::vector<double> factor;
    std::size_t below = 0; ///< points below the cut
};

Correction correction(double q_max_invA, double low_r_cut_A, double hat) {
    constexpr double far = 30; // Q_T r
    Correction out;
    out.radii = band_limited_quadrature(q_max_invA, 0, low_r_cut_A);
    out.below = out.radii.x.size();
    auto const above = band_limited_quadrature(q_max_invA, low_r_cut_A, std::max(far / hat, 2 * low_r_cut_A));
    out.radii.x.insert(out.radii.x.end(), above.x.begin(), above.x.end());
    out.radii.weight.insert(out.radii.weight.end(), above.weight.begin(), above.weight.end());
    for (double const r : out.radii.x) {
        double const x = hat * r, f = 3 * (std::sin(x) - x * std::cos(x)) / (x * x * x);
        out.factor.push_back(r < low_r_cut_A ? 1 : -f / (1 - f));
    }
    return out;
}

} // namespace

std::vector<double> take_out_top_hat(TransformGrid const& grid, double density_A3, double low_r_cut_A, double top_hat_invA) {
    Eigen::VectorXd const excess = view(grid.s) - 1;
    Eigen::VectorXd difference = excess;
    auto const mean = means(grid, top_hat_invA);
    for (std::size_t i = 0; i < mean.size(); ++i)
        difference[static_cast<Eigen::Index>(i)] -= mean[i].weight.dot(excess.segment(mean[i].first, mean[i].weight.size()));

    auto const b = correction(grid.q_invA.back(), low_r_cut_A, top_hat_invA);
    Eigen::MatrixXd const over_q = sines_over_q(grid.q_invA, b.radii.x);
    Eigen::VectorXd const kernel = 2 / std::numbers::pi * view(grid.weight) * view(grid.q_invA).square();
    Eigen::ArrayXd at_r = view(b.factor) * (over_q.transpose() * kernel.cwiseProduct(difference)).array();
    at_r.head(static_cast<Eigen::Index>(b.below)) +=
        4 * std::numbers::pi * density_A3 * view(b.radii.x).head(static_cast<Eigen::Index>(b.below));
    at_r *= view(b.radii.weight);
    Eigen::VectorXd const s = (difference - over_q * at_r.matrix()).array() + 1;
    return {s.data(), s.data() + s.size()};
}

Image<double> before_top_hat(TransformGrid const& grid, double low_r_cut_A, double top_hat_invA, Image<double> const& weights) {
    Eigen::Map<Eigen::MatrixXd const> const in(weights.pixels.data(), static_cast<Eigen::Index>(weights.cols),
                                               static_cast<Eigen::Index>(weights.rows));
    auto const b = correction(grid.q_invA.back(), low_r_cut_A, top_hat_invA);
    Eigen::MatrixXd const over_q = sines_over_q(grid.q_invA, b.radii.x);
    Eigen::VectorXd const kernel = 2 / std::numbers::pi * view(grid.weight) * view(grid.q_invA).square();
    Eigen::MatrixXd const at_r = (view(b.factor) * view(b.radii.weight)).matrix().asDiagonal() * (over_q.transpose() * in);
    Eigen::MatrixXd const on_difference = in - kernel.asDiagonal() * (over_q * at_r);

    Image<double> out(weights.rows, weights.cols);
    Eigen::Map<Eigen::MatrixXd> to(out.pixels.data(), in.rows(), in.cols());
    to = on_difference;
    auto const mean = means(grid, top_hat_invA);
    for (Eigen::Index column = 0; column < to.cols(); ++column)
        for (std::size_t i = 0; i < mean.size(); ++i)
            to.col(column).segment(mean[i].first, mean[i].weight.size()) -=
                on_difference(static_cast<Eigen::Index>(i), column) * mean[i].weight;
    return out;
}

} // namespace sqd
