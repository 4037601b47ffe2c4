// Whitened differences: the same chi^2 as with the inverse of the whole covariance.
#include "pipeline/reduce/whitened.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>

#include <cmath>

using namespace sqd;

namespace {

constexpr std::size_t points = 30;

std::vector<double> wave(double k) {
    std::vector<double> out;
    for (std::size_t i = 0; i < points; ++i) out.push_back(std::cos(k * static_cast<double>(i) + k));
    return out;
}

BandedCovariance some_covariance() {
    BandedCovariance out;
    for (std::size_t i = 0; i < points; ++i) {
        out.variance.push_back(1 + 0.1 * static_cast<double>(i));
        out.next.push_back(0.3 - 0.02 * static_cast<double>(i));
    }
    return out;
}

Eigen::MatrixXd whole(BandedCovariance const& covariance) {
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(points, points);
    for (Eigen::Index i = 0; i < out.rows(); ++i) {
        out(i, i) = covariance.variance[static_cast<std::size_t>(i)];
        if (i + 1 < out.rows()) out(i, i + 1) = out(i + 1, i) = covariance.next[static_cast<std::size_t>(i)];
    }
    return out;
}

Eigen::VectorXd column(std::vector<double> const& v) {
    return Eigen::Map<Eigen::VectorXd const>(v.data(), static_cast<Eigen::Index>(v.size()));
}

} // namespace

TEST_CASE("chi^2 of whitened differences is that of the whole covariance, one more error of known size included") {
    auto const covariance = some_covariance();
    auto const whiten = Whitening::of(covariance);
    REQUIRE(whiten);
    auto const y = wave(0.7), u = wave(0.2);
    auto const v = whole(covariance);
    double const plain = column(y).dot(v.ldlt().solve(column(y)));
    CHECK(chi2_with_mode((*whiten)(y), std::vector<double>(points, 0.0)) == doctest::Approx(plain).epsilon(1e-12));
    Eigen::MatrixXd const more = v + column(u) * column(u).transpose();
    double const with_mode = column(y).dot(more.ldlt().solve(column(y)));
    CHECK(chi2_with_mode((*whiten)(y), (*whiten)(u)) == doctest::Approx(with_mode).epsilon(1e-12));
    CHECK(with_mode < plain);
}

TEST_CASE("projecting modes out leaves what an error of any size along them leaves") {
    auto const covariance = some_covariance();
    auto const whiten = *Whitening::of(covariance);
    auto const y = wave(0.7), u = wave(0.2), v = wave(1.9);
    auto left = whiten(y);
    auto twice = whiten(u);
    for (double& x : twice) x *= -2;
    CHECK(project_out({whiten(u), whiten(v), twice, std::vector<double>(points, 0.0)}, left) == 2);
    constexpr double huge = 1e7;
    Eigen::MatrixXd const endless = whole(covariance) + huge * (column(u) * column(u).transpose() + column(v) * column(v).transpose());
    CHECK(chi2_with_mode(left, std::vector<double>(points, 0.0)) ==
          doctest::Approx(column(y).dot(endless.ldlt().solve(column(y)))).epsilon(1e-5));
    auto itself = whiten(u);
    project_out({whiten(u), whiten(v)}, itself);
    CHECK(chi2_with_mode(itself, std::vector<double>(points, 0.0)) < 1e-20);
}

TEST_CASE("numbers that are no covariance are not one") {
    CHECK_FALSE(Whitening::of({{1, 1, 1, 1, 1, 1, 1, 1}, {0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0}}));
    CHECK_FALSE(Whitening::of({{1, 0, 1}, {0, 0, 0}}));
    CHECK_FALSE(Whitening::of({{1, std::nan(""), 1}, {0, 0, 0}}));
}
