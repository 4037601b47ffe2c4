// Errors of curves: what a functional hangs on, its spread with shared parameters and correlated neighbours, by repeated draws.
#include "pipeline/reduce/error_propagation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

constexpr std::size_t points = 40;

// y_i = direct_i x_i + effect_i p, p = sum response_j x_j; two such parameters, neighbours correlated.
CurveErrors structured() {
    CurveErrors e;
    for (std::size_t i = 0; i < points; ++i) {
        double const x = static_cast<double>(i);
        e.sigma.push_back(0.1 + 0.01 * x);
        e.background_sigma.push_back(0.05);
        e.correlation.push_back(0.3);
        e.direct.push_back(2 - 0.03 * x);
        e.bin.push_back(i + 3);
    }
    for (double const k : {0.3, 1.1}) {
        SharedParameter p;
        for (std::size_t i = 0; i < points; ++i) {
            double const x = static_cast<double>(i);
            p.effect.push_back(std::cos(k * x));
            p.response.push_back(0.1 * std::sin(k * x + 1));
        }
        e.shared.push_back(p);
    }
    return e;
}

} // namespace

TEST_CASE("the spread of every point is that of its own functional") {
    auto const e = structured();
    auto const all = spread_of_points(e);
    for (std::size_t i = 0; i < points; ++i) {
        std::vector<double> a(points, 0.0);
        a[i] = 1;
        auto const one = spread_of(e, sensitivity(e, a));
        CHECK(all[i].sigma == doctest::Approx(one.sigma).epsilon(1e-12));
        CHECK(all[i].background_sigma == doctest::Approx(one.background_sigma).epsilon(1e-12));
    }
}

TEST_CASE("a functional scatters by its spread, and two of them by their covariance") {
    constexpr unsigned seed = 20261126;
    constexpr int draws = 4000;
    MESSAGE("seed ", seed);
    auto const e = structured();
    std::vector<double> a(points), b(points);
    for (std::size_t i = 0; i < points; ++i) {
        a[i] = static_cast<double>(i % 5) - 1;
        b[i] = std::exp(-0.1 * static_cast<double>(i));
    }
    auto const sa = sensitivity(e, a), sb = sensitivity(e, b);
    // Neighbours correlate by 0.3 where each is u n_i + v n_(i+1) with u v = 0.3, u^2 + v^2 = 1.
    double const u = std::sqrt((1 + std::sqrt(1 - 4 * 0.09)) / 2), v = 0.3 / u;
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    double aa = 0, ab = 0;
    for (int k = 0; k < draws; ++k) {
        std::vector<double> x(points), y(points);
        double n = normal(random);
        for (std::size_t i = 0; i < points; ++i) {
            double const next = normal(random);
            x[i] = e.sigma[i] * (u * n + v * next);
            n = next;
        }
        for (std::size_t i = 0; i < points; ++i) y[i] = e.direct[i] * x[i];
        for (auto const& shared : e.shared) {
            double p = 0;
            for (std::size_t j = 0; j < points; ++j) p += shared.response[j] * x[j];
            for (std::size_t i = 0; i < points; ++i) y[i] += shared.effect[i] * p;
        }
        double fa = 0, fb = 0;
        for (std::size_t i = 0; i < points; ++i) {
            fa += a[i] * y[i];
            fb += b[i] * y[i];
        }
        aa += fa * fa / draws;
        ab += fa * fb / draws;
    }
    double const var_a = std::pow(spread_of(e, sa).sigma, 2), var_b = std::pow(spread_of(e, sb).sigma, 2), cov = covariance(e, sa, sb);
    CHECK(std::abs(aa / var_a - 1) < 3.3 * std::sqrt(2.0 / draws));
    CHECK(std::abs(ab - cov) < 3.3 * std::sqrt((var_a * var_b + cov * cov) / draws));
    CHECK(covariance(e, sa, sa) == doctest::Approx(var_a).epsilon(1e-12));
}

TEST_CASE("an unknown error makes unknown what hangs on its bin, and nothing else") {
    auto e = structured();
    e.shared.clear();
    e.correlation.clear();
    e.sigma[7] = std::nan("");
    std::vector<double> a(points, 1.0);
    CHECK(std::isnan(spread_of(e, sensitivity(e, a)).sigma));
    a[7] = 0;
    CHECK(spread_of(e, sensitivity(e, a)).sigma > 0);
    CHECK(std::isnan(spread_of_points(e)[7].sigma));
    CHECK(spread_of_points(e)[8].sigma > 0);
}
