// Sines of q r at chosen radii.
#include "pipeline/reduce/sine_matrix.hpp"

#include "pipeline/reduce/lane_loops.hpp"

#include <cmath>
#include <cstddef>

namespace sqd {

Eigen::MatrixXd sines(std::vector<double> const& q_invA, std::vector<double> const& r_A) {
    Eigen::MatrixXd out(static_cast<Eigen::Index>(q_invA.size()), static_cast<Eigen::Index>(r_A.size()));
    std::vector<double> cosine(q_invA.size());
    for (std::size_t k = 0; k < r_A.size(); ++k) {
        double* const column = out.data() + k * q_invA.size();
        sines_and_cosines(q_invA, r_A[k], {column, q_invA.size()}, cosine);
    }
    return out;
}

Eigen::MatrixXd sines_over_q(std::vector<double> const& q_invA, std::vector<double> const& r_A) {
    Eigen::MatrixXd out = sines(q_invA, r_A);
    for (std::size_t i = 0; i < q_invA.size(); ++i) {
        auto row = out.row(static_cast<Eigen::Index>(i));
        if (q_invA[i] > 0)
            row /= q_invA[i];
        else
            row = Eigen::Map<Eigen::RowVectorXd const>(r_A.data(), row.size());
    }
    return out;
}

Quadrature band_limited_quadrature(double q_max_invA, double low_A, double high_A) {
    constexpr double spare = 16; // beyond half the phase the error falls faster than exponentially: 1e-8 here
    // the product's phase runs over 2 q_max (high - low), and n points are exact for half of it in units of 2 n
    return gauss_legendre(static_cast<std::size_t>(std::ceil(q_max_invA * (high_A - low_A) / 2 + spare)), low_A, high_A);
}

} // namespace sqd
