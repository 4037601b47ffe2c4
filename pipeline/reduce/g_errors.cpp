// Errors of G(r).
#include "pipeline/reduce/g_errors.hpp"

#include "pipeline/reduce/chebyshev.hpp"
#include "pipeline/reduce/grid_errors.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

namespace sqd {

namespace {

// d G(r) / d x_j, a row for each r.
Image<double> sensitivities_of_g(Spectrum const& spectrum, std::vector<double> const& r_A) {
    Eigen::MatrixXd const sine = sines(spectrum.grid.q_invA, r_A);
    Image<double> weights(r_A.size(), spectrum.kernel.size());
    for (std::size_t row = 0; row < weights.rows; ++row)
        for (std::size_t i = 0; i < weights.cols; ++i)
            weights(row, i) = spectrum.kernel[i] * sine(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(row));
    return sensitivities(spectrum, weights);
}

// Covariance of every pair of rows for errors `sigma` of x, neighbours of which correlate.
Eigen::MatrixXd covariance_of_rows(Image<double> const& rows, std::vector<double> const& sigma, std::vector<double> const& correlation) {
    Eigen::Map<Eigen::MatrixXd const> const b(rows.pixels.data(), static_cast<Eigen::Index>(rows.cols),
                                              static_cast<Eigen::Index>(rows.rows));
    Eigen::MatrixXd spread = b;
    for (Eigen::Index j = 0; j < spread.rows(); ++j)
        if (!b.row(j).isZero(0)) spread.row(j) *= sigma[static_cast<std::size_t>(j)]; // what does not count may be unknown
    Eigen::MatrixXd out = spread.transpose() * spread;
    if (correlation.empty() || spread.rows() < 2) return out;
    Eigen::Index const pairs = spread.rows() - 1;
    Eigen::Map<Eigen::VectorXd const> const r(correlation.data(), pairs);
    Eigen::MatrixXd const with_next = spread.topRows(pairs).transpose() * (r.asDiagonal() * spread.bottomRows(pairs));
    return out + with_next + with_next.transpose();
}

// Standard deviations of weighted sums of the rows; a row of weights for each.
std::vector<double> deviations(Eigen::MatrixXd const& covariance, Eigen::MatrixXd const& weights) {
    Eigen::VectorXd const variance = (weights * covariance).cwiseProduct(weights).rowwise().sum();
    std::vector<double> out;
    for (double const v : variance) out.push_back(v < 0 ? 0 : std::sqrt(v)); // a sum of squares, but for rounding
    return out;
}

// Radii of one interval: as they are, or as weights of the Chebyshev points that are enough for it.
struct Points {
    std::vector<double> r_A;
    Eigen::MatrixXd weights;
};

Points points_for(std::vector<double> const& r_A, double q_max_invA) {
    auto const count = static_cast<Eigen::Index>(r_A.size());
    constexpr double spare = 24; // terms beyond half the phase fall faster than exponentially
    auto const enough = static_cast<std::size_t>(std::ceil(q_max_invA * (r_A.back() - r_A.front()) / 2 + spare));
    if (enough >= r_A.size()) return {r_A, Eigen::MatrixXd::Identity(count, count)};
    Chebyshev const between(r_A.front(), r_A.back(), enough);
    Points out{between.points(), Eigen::MatrixXd(count, static_cast<Eigen::Index>(enough))};
    for (Eigen::Index i = 0; i < count; ++i) {
        auto const weights = between.weights(r_A[static_cast<std::size_t>(i)]);
        out.weights.row(i) = Eigen::Map<Eigen::RowVectorXd const>(weights.data(), out.weights.cols());
    }
    return out;
}

// Where every pair of data may err together, or the cleaning is no product of waves.
std::vector<Spread> spread_by_rows(Spectrum const& spectrum, std::vector<double> const& r_A) {
    constexpr double interval_A = 5; // matrices of some 100 points: in proportion to r_max, and the least work
    auto const& errors = spectrum.errors;
    std::vector<Spread> out;
    for (auto from = r_A.begin(); from != r_A.end();) {
        auto const to = std::upper_bound(from, r_A.end(), *from + interval_A);
        auto const points = points_for({from, to}, spectrum.grid.q_invA.back());
        auto const rows = sensitivities_of_g(spectrum, points.r_A);
        auto const all = deviations(covariance_of_rows(rows, errors.sigma, errors.correlation), points.weights);
        auto const background = errors.background_sigma.empty()
                                    ? std::vector<double>(all.size(), 0.0)
                                    : deviations(covariance_of_rows(rows, errors.background_sigma, errors.correlation), points.weights);
        for (std::size_t i = 0; i < all.size(); ++i) out.push_back({all[i], background[i]});
        from = to;
    }
    return out;
}

} // namespace

TransformWithSpread g_with_spread(Spectrum const& spectrum, std::vector<double> const& r_A) {
    auto const& [grid, errors, config] = std::tie(spectrum.grid, spectrum.errors, spectrum.config);
    double const reach = spectrum.before.empty() ? 0 : config.low_r_cut_A;
    SineTransform const transform{grid.q_invA, spectrum.kernel, config.r_step_A, reach};
    if (!config.errors) return {sine_transform(transform, spectrum.excess, r_A), {}};
    bool const by_top_hat = !spectrum.before.empty() && config.low_r_method == LowRMethod::top_hat;
    if (!errors.correlation.empty() || by_top_hat) return {sine_transform(transform, spectrum.excess, r_A), spread_by_rows(spectrum, r_A)};
    return sine_transform_with_spread(transform, spectrum.excess, grid_errors(grid, errors), errors.sigma, errors.background_sigma,
                                      spectrum.cleaning ? &*spectrum.cleaning : nullptr, r_A);
}

std::vector<Spread> spread_of_g(Spectrum const& spectrum, std::vector<double> const& r_A) {
    return g_with_spread(spectrum, r_A).spread;
}

Image<double> covariance_of_g(Spectrum const& spectrum, std::vector<double> const& r_A) {
    Eigen::MatrixXd const product =
        covariance_of_rows(sensitivities_of_g(spectrum, r_A), spectrum.errors.sigma, spectrum.errors.correlation);
    Image<double> out(r_A.size(), r_A.size());
    Eigen::Map<Eigen::MatrixXd>(out.pixels.data(), product.rows(), product.cols()) =
        (product + product.transpose()) / 2; // but for rounding
    return out;
}

} // namespace sqd
