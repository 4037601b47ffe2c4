// The fit: finds what made the data, keeps its bounds, and its covariance is that of repeated counting.
#include "pipeline/reduce/peak_fit.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

constexpr PeakParameters truth{3.0, 0.02, 0.15, 0.23, 0.3, 0.7, 0.4, -0.1};
constexpr PeakParameters start{2.0, -0.05, 0.1, 0.1, 0.5, 0.5, 0.0, 0.0};
constexpr PeakBounds wide{{0, -0.5, 0.005, 0.005, 0, 0, -1e9, -1e9}, {1e9, 0.5, 1, 1, 1, 1, 1e9, 1e9}};

struct Samples {
    std::vector<double> q = test::bin_centres(-0.45, 0.45, 300), y, sigma;
    PeakData data() const { return {q, y, sigma}; }
};

Samples samples_of(PeakParameters const& p, double relative_sigma) {
    Samples s;
    for (double const q : s.q) {
        s.y.push_back(peak_value(p, q));
        s.sigma.push_back(relative_sigma * std::sqrt(s.y.back()));
    }
    return s;
}

} // namespace

TEST_CASE("clean data give back every parameter, weighted or not") {
    auto s = samples_of(truth, 0.01);
    for (bool weighted : {true, false}) {
        if (!weighted) s.sigma.clear();
        auto const fit = fit_peak(s.data(), start, wide, PeakModel::split_pseudo_voigt);
        REQUIRE(fit.converged);
        for (std::size_t i = 0; i < peak_parameters; ++i) CHECK(fit.parameters[i] == doctest::Approx(truth[i]).epsilon(1e-5));
        CHECK(fit.free_parameters == 8);
        CHECK(fit.covariance_known == weighted);
    }
}

TEST_CASE("the result does not depend on where the fit starts") {
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    auto s = samples_of(truth, 0.02);
    for (std::size_t i = 0; i < s.y.size(); ++i) s.y[i] += s.sigma[i] * normal(random);
    auto const first = fit_peak(s.data(), start, wide, PeakModel::split_pseudo_voigt);
    auto const second = fit_peak(s.data(), truth, wide, PeakModel::split_pseudo_voigt);
    double const sigma = std::sqrt(first.covariance[peak::centre][peak::centre]);
    CHECK(std::abs(first.parameters[peak::centre] - second.parameters[peak::centre]) < 1e-3 * sigma);
}

TEST_CASE("a symmetric model has one width and one mixing") {
    auto symmetric = truth;
    symmetric[peak::width_right] = symmetric[peak::width_left];
    symmetric[peak::eta_right] = symmetric[peak::eta_left];
    auto const fit = fit_peak(samples_of(symmetric, 0.01).data(), start, wide, PeakModel::pseudo_voigt);
    CHECK(fit.free_parameters == 6);
    CHECK(fit.parameters[peak::width_left] == fit.parameters[peak::width_right]);
    for (std::size_t i = 0; i < peak_parameters; ++i) CHECK(fit.parameters[i] == doctest::Approx(symmetric[i]).epsilon(1e-5));
    CHECK(fit.covariance[peak::width_left][peak::width_right] == fit.covariance[peak::width_left][peak::width_left]);
}

TEST_CASE("a parameter at its bound stays there, is named and has no share in the covariance") {
    auto s = samples_of(truth, 0.01);
    auto narrow = wide;
    narrow.high[peak::eta_right] = 0.4;
    auto const fit = fit_peak(s.data(), start, narrow, PeakModel::split_pseudo_voigt);
    REQUIRE(fit.converged);
    CHECK(fit.parameters[peak::eta_right] == 0.4);
    CHECK(fit.at_bound[peak::eta_right]);
    CHECK(fit.free_parameters == 7);
    CHECK(fit.covariance[peak::eta_right][peak::eta_right] == 0);
    CHECK(fit.covariance[peak::centre][peak::centre] > 0);
}

TEST_CASE("covariance is the scatter of refits, also where the model does not fit") {
    // A ripple and an asymmetry that the model has no parameter for: chi^2 is far above 1, and J^T W J alone would claim 0.77 of the
    // scatter of the centre.
    auto clean = samples_of(truth, 0.02);
    for (std::size_t i = 0; i < clean.q.size(); ++i) clean.y[i] += 0.15 * std::cos(20 * clean.q[i]);
    auto const reference = fit_peak(clean.data(), start, wide, PeakModel::pseudo_voigt);
    REQUIRE(reference.covariance_known);
    CHECK(reference.free_parameters == 6);
    CHECK(reference.chi2 / 294 > 10);
    double const claimed = std::sqrt(reference.covariance[peak::centre][peak::centre]);
    double const mean = reference.parameters[peak::centre];
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    constexpr int draws = 1500;
    double square = 0;
    for (int k = 0; k < draws; ++k) {
        auto s = clean;
        for (std::size_t i = 0; i < s.y.size(); ++i) s.y[i] += s.sigma[i] * normal(random);
        auto const fit = fit_peak(s.data(), start, wide, PeakModel::pseudo_voigt);
        square += std::pow(fit.parameters[peak::centre] - mean, 2);
    }
    CHECK(std::abs(std::sqrt(square / draws) / claimed - 1) < 0.08); // 3.3 sigma of 1500 draws is 0.06, and the rest of the curvature
}

TEST_CASE("where neighbours' errors move together, parameters scatter as the covariance says, and more than it would say without") {
    constexpr unsigned seed = 20261130;
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    // Errors a e_i + b e_(i+1): variance a^2 + b^2, neighbours correlate by a b / (a^2 + b^2), others do not.
    constexpr double a = 0.8, b = 0.6, r = a * b / (a * a + b * b);
    constexpr int draws = 400;
    auto const clean = samples_of(truth, 0.01);
    std::vector<double> correlation(clean.q.size(), r);
    double correlated = 0, independent = 0;
    for (int draw = 0; draw < draws; ++draw) {
        auto s = clean;
        double error = normal(random);
        for (std::size_t i = 0; i < s.y.size(); ++i) {
            double const next = normal(random);
            s.y[i] += s.sigma[i] * (a * error + b * next);
            error = next;
        }
        auto data = s.data();
        auto const plain = fit_peak(data, truth, wide, PeakModel::pseudo_voigt);
        data.correlation = correlation;
        auto const fit = fit_peak(data, truth, wide, PeakModel::pseudo_voigt);
        REQUIRE(fit.covariance_known);
        CHECK(fit.parameters == plain.parameters);
        auto const reference = fit_peak(clean.data(), truth, wide, PeakModel::pseudo_voigt);
        double const off = fit.parameters[peak::centre] - reference.parameters[peak::centre];
        correlated += off * off / fit.covariance[peak::centre][peak::centre] / draws;
        independent += off * off / plain.covariance[peak::centre][peak::centre] / draws;
    }
    // chi^2 of 400: 1 +- 0.0707; 3.3 sigma are exceeded once in 1000
    CHECK(std::abs(correlated - 1) < 3.3 * std::sqrt(2.0 / draws));
    CHECK(independent / correlated == doctest::Approx(1 + 2 * r).epsilon(0.02)); // the peak is many points wide
}
