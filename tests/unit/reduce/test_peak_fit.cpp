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

double deviation(PeakFit const& fit, peak::Parameter parameter, Samples const& s) {
    return std::sqrt(variance_under(fit.response[parameter], s.sigma));
}

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
        CHECK(fit.proper_minimum());
    }
}

TEST_CASE("the result does not depend on where the fit starts") {
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    auto s = samples_of(truth, 0.02);
    for (std::size_t i = 0; i < s.y.size(); ++i) s.y[i] += s.sigma[i] * normal(random);
    auto const first = fit_peak(s.data(), start, wide, PeakModel::split_pseudo_voigt);
    auto const second = fit_peak(s.data(), truth, wide, PeakModel::split_pseudo_voigt);
    double const sigma = deviation(first, peak::centre, s);
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
    CHECK(fit.response[peak::width_left] == fit.response[peak::width_right]);
}

TEST_CASE("a parameter at its bound stays there, is named and hangs on no point") {
    auto s = samples_of(truth, 0.01);
    auto narrow = wide;
    narrow.high[peak::eta_right] = 0.4;
    auto const fit = fit_peak(s.data(), start, narrow, PeakModel::split_pseudo_voigt);
    REQUIRE(fit.converged);
    CHECK(fit.parameters[peak::eta_right] == 0.4);
    CHECK(fit.at_bound[peak::eta_right]);
    CHECK(fit.free_parameters == 7);
    CHECK(deviation(fit, peak::eta_right, s) == 0);
    CHECK(deviation(fit, peak::centre, s) > 0);
}

TEST_CASE("the response times the errors is the scatter of refits, also where the model does not fit") {
    // A ripple and an asymmetry that the model has no parameter for: chi^2 is far above 1, and J^T W J alone would claim 0.77 of the
    // scatter of the centre.
    auto clean = samples_of(truth, 0.02);
    for (std::size_t i = 0; i < clean.q.size(); ++i) clean.y[i] += 0.15 * std::cos(20 * clean.q[i]);
    auto const reference = fit_peak(clean.data(), start, wide, PeakModel::pseudo_voigt);
    REQUIRE(reference.proper_minimum());
    CHECK(reference.free_parameters == 6);
    CHECK(reference.chi2 / 294 > 10);
    double const claimed = deviation(reference, peak::centre, clean);
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

TEST_CASE("the response is what a small change of one point does") {
    auto clean = samples_of(truth, 0.02);
    for (std::size_t i = 0; i < clean.q.size(); ++i) clean.y[i] += 0.05 * std::cos(20 * clean.q[i]); // a model that does not fit
    for (auto model : {PeakModel::split_pseudo_voigt, PeakModel::pseudo_voigt}) {
        auto const fit = fit_peak(clean.data(), start, wide, model);
        for (std::size_t i : {20u, 140u, 160u, 250u}) {
            auto moved = clean;
            constexpr double step = 0.01; // well above what the fit stops at
            moved.y[i] += step;
            auto const up = fit_peak(moved.data(), fit.parameters, wide, model);
            moved.y[i] -= 2 * step;
            auto const down = fit_peak(moved.data(), fit.parameters, wide, model);
            double const change = (up.parameters[peak::centre] - down.parameters[peak::centre]) / (2 * step);
            double const scale = std::abs(fit.response[peak::centre][140]);
            CHECK(fit.response[peak::centre][i] == doctest::Approx(change).scale(scale).epsilon(0.02)); // a split peak has kinks
        }
    }
}
