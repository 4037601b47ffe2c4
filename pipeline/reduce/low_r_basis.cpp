#include "pipeline/reduce/low_r_basis.hpp"

#include "pipeline/reduce/chebyshev.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>

namespace sqd {

LowRBasis low_r_basis(double q_max_invA, Quadrature const& radii, double low_r_cut_A, double step_A) {
    constexpr double spare = 30, dependent = 1e-9;
    auto const enough = static_cast<std::size_t>(std::ceil(q_max_invA * low_r_cut_A / 2 + spare));
    Chebyshev const q(0, q_max_invA, enough); // where sines are compared
    std::vector<double> candidates;
    for (double r = step_A; r < low_r_cut_A + step_A; r += step_A) candidates.push_back(r);
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> pivoted;
    pivoted.setThreshold(dependent);
    Eigen::MatrixXd const all = sines(q.points(), candidates);
    pivoted.compute(all);
    LowRBasis basis;
    for (Eigen::Index k = 0; k < pivoted.rank(); ++k)
        basis.multiple.push_back(static_cast<std::size_t>(pivoted.colsPermutation().indices()[k]) + 1);
    std::sort(basis.multiple.begin(), basis.multiple.end());

    Eigen::MatrixXd chosen(all.rows(), pivoted.rank());
    for (Eigen::Index k = 0; k < chosen.cols(); ++k)
        chosen.col(k) = all.col(static_cast<Eigen::Index>(basis.multiple[static_cast<std::size_t>(k)]) - 1);
    Eigen::MatrixXd const parts = Eigen::HouseholderQR<Eigen::MatrixXd>(chosen).solve(sines(q.points(), radii.x));
    Eigen::Map<Eigen::VectorXd const> const dr(radii.weight.data(), parts.cols());
    basis.weight = parts * dr.asDiagonal() * parts.transpose();
    return basis;
}

} // namespace sqd
