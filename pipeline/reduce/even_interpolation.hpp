// Sums over many q, and values at many q, of functions that are smooth there.
#pragma once

#include <Eigen/Core>

#include <vector>

namespace sqd {

/// Even functions of q that hold no wave longer than `reach_A` in r, as sin(qr) / q with r <= reach_A: on [0, q_max] they are what they
/// are at few nodes. Chebyshev's points of [-q_max, q_max], of which half are needed, and polynomials in q^2 between them in barycentric
/// form (Berrut & Trefethen, SIAM Review 46 (2004) 501, eq. 4.2). Good to 1e-13 of the largest value.
class EvenInterpolation {
public:
    EvenInterpolation(std::vector<double> const& q_invA, double q_max_invA, double reach_A);

    std::vector<double> const& nodes() const { return nodes_; }
    /// Values at all q from those at the nodes.
    Eigen::ArrayXd values(Eigen::VectorXd const& at_nodes) const { return (weights_ * at_nodes).array() * scale_; }
    /// f at the nodes such that sum_i f_i g(q_i) is the sum over nodes, for every such function g.
    Eigen::VectorXd gather(Eigen::VectorXd const& f) const { return weights_.transpose() * f.cwiseProduct(scale_.matrix()); }

private:
    std::vector<double> nodes_;
    Eigen::MatrixXd weights_; ///< a row per q, a column per node, up to a factor
    Eigen::ArrayXd scale_;    ///< that factor, per q
};

} // namespace sqd
