#include "pipeline/reduce/even_interpolation.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

// Terms beyond the phase fall faster than exponentially; the transition grows with its third root.
std::size_t enough_nodes(double phase) {
    return static_cast<std::size_t>(std::ceil((phase + 8 * std::cbrt(phase) + 10) / 2));
}

} // namespace

EvenInterpolation::EvenInterpolation(std::vector<double> const& q_invA, double q_max_invA, double reach_A)
    : weights_(static_cast<Eigen::Index>(q_invA.size()), static_cast<Eigen::Index>(enough_nodes(q_max_invA * reach_A))) {
    Eigen::ArrayXd const square = Eigen::Map<Eigen::ArrayXd const>(q_invA.data(), weights_.rows()).square();
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(weights_.rows());
    for (Eigen::Index c = 0; c < weights_.cols(); ++c) {
        double const angle = std::numbers::pi * (static_cast<double>(c) + 0.5) / static_cast<double>(2 * weights_.cols());
        double const node = q_max_invA * std::cos(angle), factor = (c % 2 == 0 ? 1 : -1) * std::sin(angle) * std::cos(angle);
        nodes_.push_back(node);
        weights_.col(c) = factor / (square - node * node);
        sum += weights_.col(c).array();
    }
    scale_ = 1 / sum;
    for (Eigen::Index i = 0; i < weights_.rows(); ++i) {
        if (std::isfinite(sum[i])) continue; // on a node
        scale_[i] = 1;
        for (Eigen::Index c = 0; c < weights_.cols(); ++c) {
            double const node = nodes_[static_cast<std::size_t>(c)];
            weights_(i, c) = square[i] == node * node ? 1 : 0;
        }
    }
}

} // namespace sqd
