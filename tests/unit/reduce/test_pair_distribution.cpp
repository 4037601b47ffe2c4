// G(r): transforms of functions with known transforms, windows, sum rules, errors against replicas.
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/spectrum.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;
using std::numbers::pi;
using test::VirtualGlass;

namespace {

// G(r) = H exp(-(r - R)^2 / 2 w^2) has q (S - 1) = H w sqrt(2 pi) exp(-q^2 w^2 / 2) sin(qR).
constexpr double shell_height = 5, shell_r = 2.85, shell_width = 0.2;

StructureFactor gaussian_shell(double q_max, std::size_t points) {
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0, q_max, points);
    for (double const q : sq.q_invA) {
        double const f =
            shell_height * shell_width * std::sqrt(2 * pi) * std::exp(-q * q * shell_width * shell_width / 2) * std::sin(q * shell_r);
        sq.s.push_back(1 + f / q);
        sq.s_sigma.push_back(0.01);
    }
    return sq;
}

StructureFactor glass_to(double q_max) {
    VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.1, q_max, static_cast<std::size_t>((q_max - 0.1) * 50));
    sq.s = glass.s(sq.q_invA);
    for (double const q : sq.q_invA) sq.s_sigma.push_back(0.002 + 0.0005 * q);
    sq.normalization.density_A3 = glass.density_A3;
    return sq;
}

PairDistributionConfig plain(double q_max, double r_max = 10, double step = 0.01) {
    PairDistributionConfig c;
    c.q_max_invA = q_max;
    c.window = Window::none;
    c.r_max_A = r_max;
    c.r_step_A = step;
    return c;
}

} // namespace

TEST_CASE("G(r) of one Gaussian shell is that shell") {
    auto const gr = pair_distribution(gaussian_shell(30, 3000), plain(30));
    REQUIRE(gr.r_A.size() == 1000);
    CHECK(gr.r_A.front() == doctest::Approx(0.01));
    CHECK(gr.r_A.back() == doctest::Approx(10));
    for (std::size_t i = 0; i < gr.g.size(); ++i) {
        double const u = (gr.r_A[i] - shell_r) / shell_width;
        // half a bin between q = 0 and the first centre is the only departure from the spectrally accurate grid
        CHECK(gr.g[i] == doctest::Approx(shell_height * std::exp(-u * u / 2)).epsilon(1e-5).scale(1));
    }
    REQUIRE(gr.shells.size() == 1);
    CHECK(gr.shells[0].r_A.value == doctest::Approx(shell_r).epsilon(1e-5));
}

TEST_CASE("energy is the same on both sides of the transform") {
    auto const sq = gaussian_shell(30, 3000);
    auto const gr = pair_distribution(sq, plain(30, 40, 0.02));
    double in_r = 0, in_q = 0;
    for (double const g : gr.g) in_r += g * g * 0.02;
    for (std::size_t i = 0; i < sq.s.size(); ++i) in_q += std::pow(sq.q_invA[i] * (sq.s[i] - 1), 2) * 0.01;
    CHECK(in_r == doctest::Approx(2 / pi * in_q).epsilon(1e-5)); // Parseval
}

TEST_CASE("below the first shell G(r) is the line of the density") {
    VirtualGlass const glass;
    auto const gr = pair_distribution(glass_to(30), plain(30));
    for (std::size_t i = 20; i < 180; ++i) {
        CHECK(gr.g[i] == doctest::Approx(-4 * pi * glass.density_A3 * gr.r_A[i]).epsilon(0.02).scale(1));
    }
}

TEST_CASE("the glass comes back, and its shells with it") {
    VirtualGlass const glass;
    auto c = plain(30);
    c.low_r_cut_A = 1.9;
    auto const gr = pair_distribution(glass_to(30), c);
    double top = 2.5;
    for (double r = 2.5; r < 3.2; r += 1e-4) top = glass.g(r) > glass.g(top) ? r : top;
    REQUIRE(gr.shells.size() >= 3);
    CHECK(gr.shells[0].r_A.value == doctest::Approx(top).epsilon(1e-3));
    CHECK(gr.iterations == 0);
}

TEST_CASE("windows are one at q = 0 and end as their formulas say") {
    for (Window w : {Window::none, Window::lorch, Window::modified_lorch, Window::cosine})
        CHECK(window_factor(w, 0, 20) == doctest::Approx(1));
    CHECK(window_factor(Window::lorch, 20, 20) == doctest::Approx(0).scale(1));
    CHECK(window_factor(Window::lorch, 10, 20) == doctest::Approx(2 / pi));
    CHECK(window_factor(Window::modified_lorch, 20, 20) == doctest::Approx(3 / (pi * pi)));
    CHECK(window_factor(Window::modified_lorch, 0.0064, 20) ==
          doctest::Approx(window_factor(Window::modified_lorch, 0.0063, 20)).epsilon(1e-6));
    CHECK(window_factor(Window::cosine, 13.3, 20) == 1);
    CHECK(window_factor(Window::cosine, 20, 20) == doctest::Approx(0).scale(1));
    CHECK(window_factor(Window::cosine, 50.0 / 3, 20) == doctest::Approx(0.5));
}

TEST_CASE("the window named in the result is the one applied: Lorch broadens the shell by its known width") {
    auto c = plain(30);
    c.window = Window::lorch;
    auto const gr = pair_distribution(gaussian_shell(30, 3000), c);
    CHECK(gr.window == "lorch");
    // a top hat of half width pi / q_max convolved with the Gaussian, at the centre: H sqrt(pi/2) w/D erf(D / (w sqrt 2)), D = pi/q_max
    double const half = pi / gr.q_max_invA;
    double const expected = shell_height * std::sqrt(pi / 2) * shell_width / half * std::erf(half / (shell_width * std::sqrt(2.0)));
    CHECK(gr.g[284] == doctest::Approx(expected).epsilon(1e-4));
}

TEST_CASE("sigma of G(r) and of the shells is the scatter of replicas, cleaned or not") {
    auto const sq = glass_to(20);
    auto c = plain(20, 8, 0.02);
    c.window = Window::lorch;
    c.low_r_cut_A = 1.9;
    for (int iterations : {0, 2}) {
        c.iterations = iterations;
        auto const base = pair_distribution(sq, c);
        auto values_only = c;
        values_only.errors = false;
        std::mt19937_64 random(17);
        std::normal_distribution<double> normal;
        constexpr int draws = 400;
        std::vector<double> square(base.g.size(), 0);
        double shell_square = 0;
        for (int k = 0; k < draws; ++k) {
            auto noisy = sq;
            for (std::size_t i = 0; i < sq.s.size(); ++i) noisy.s[i] += sq.s_sigma[i] * normal(random);
            auto const gr = pair_distribution(noisy, values_only);
            for (std::size_t i = 0; i < square.size(); ++i) square[i] += std::pow(gr.g[i] - base.g[i], 2);
            shell_square += std::pow(gr.shells.at(0).r_A.value - base.shells.at(0).r_A.value, 2);
        }
        double mean_ratio = 0;
        int points = 0;
        for (std::size_t i = 0; i < square.size(); ++i) {
            if (base.r_A[i] < 2.1) continue;
            double const ratio = std::sqrt(square[i] / draws) / base.g_sigma[i];
            CHECK(std::abs(ratio - 1) < 0.15); // 4.2 sigma of 400 draws is 0.15: some 40 independent points are looked at
            mean_ratio += ratio;
            ++points;
        }
        CHECK(std::abs(mean_ratio / points - 1) < 0.025);                                       // some 40 independent points
        CHECK(std::abs(std::sqrt(shell_square / draws) / base.shells[0].r_A.sigma - 1) < 0.12); // 3.3 sigma
    }
}

TEST_CASE("where sigma of S(q) is not known there is none of G(r)") {
    auto sq = glass_to(20);
    sq.s_sigma.assign(sq.s.size(), std::nan(""));
    auto const gr = pair_distribution(sq, plain(20));
    CHECK(std::isnan(gr.g_sigma[100]));
    CHECK(std::isfinite(gr.g[100]));
}

TEST_CASE("the constant part below the data moves with the first datum, also in sigma") {
    auto sq = glass_to(20);
    for (auto* v : {&sq.q_invA, &sq.s, &sq.s_sigma}) v->erase(v->begin(), v->begin() + 70); // from 1.5 1/A on
    sq.s_sigma.assign(sq.s.size(), 0);
    sq.s_sigma[0] = 0.05;
    auto const base = pair_distribution(sq, plain(20));
    sq.s[0] += 0.05;
    auto const moved = pair_distribution(sq, plain(20));
    for (std::size_t i = 0; i < base.g.size(); i += 50) {
        CHECK(base.g_sigma[i] == doctest::Approx(std::abs(moved.g[i] - base.g[i])).epsilon(1e-9));
    }
}
