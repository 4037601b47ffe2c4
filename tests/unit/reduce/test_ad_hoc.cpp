// The ad hoc route: slow errors go, a shell stays, errors are those of repeated draws, bad input is told.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/ad_hoc.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;
using std::numbers::pi;

namespace {

Composition alloy() {
    return parse_composition("Zr50Cu50");
}

// Intensity of one Gaussian shell at 2.85 A, times `scale`, with `slow(q)` more.
template <class Slow>
Pattern1D pattern(double scale, Slow const& slow) {
    Pattern1D p;
    p.q_invA = p.radial = test::bin_centres(0.5, 25, 1000);
    auto const f = form_factor_averages(alloy(), p.q_invA, std::nullopt);
    for (std::size_t i = 0; i < p.q_invA.size(); ++i) {
        double const q = p.q_invA[i], shell = 5 * 0.15 * std::sqrt(2 * pi) * std::exp(-q * q * 0.15 * 0.15 / 2) * std::sin(q * 2.85);
        p.intensity.push_back((f.f2_mean[i] + f.f_mean2[i] * shell / q + slow(q)) / scale);
        p.sigma.push_back(0.02 * std::sqrt(f.f2_mean[i] * 100) / scale);
    }
    return p;
}

double nothing(double) {
    return 0;
}

AdHocConfig config() {
    AdHocConfig c;
    c.rpoly_A = 1.3;
    c.q_min_invA = 0.5;
    c.r_max_A = 6;
    c.r_step_A = 0.05;
    return c;
}

// The same on even steps in 2 theta at 0.2 A: steps in q shrink by a fifth.
Pattern1D uneven_pattern() {
    Pattern1D p;
    constexpr double wavelength_A = 0.2;
    for (int i = 0; i < 1000; ++i) p.q_invA.push_back(4 * pi / wavelength_A * std::sin((0.9 + 0.0460 * i) / 2 * pi / 180));
    p.radial = p.q_invA;
    auto const f = form_factor_averages(alloy(), p.q_invA, std::nullopt);
    for (std::size_t i = 0; i < p.q_invA.size(); ++i) {
        double const q = p.q_invA[i], shell = 5 * 0.15 * std::sqrt(2 * pi) * std::exp(-q * q * 0.15 * 0.15 / 2) * std::sin(q * 2.85);
        p.intensity.push_back(f.f2_mean[i] + f.f_mean2[i] * shell / q);
        p.sigma.push_back(0.02 * std::sqrt(f.f2_mean[i] * 100));
    }
    return p;
}

double at(AdHocCurves const& a, double r) {
    return a.gr.g[static_cast<std::size_t>(std::lround(r / 0.05)) - 1];
}

} // namespace

TEST_CASE("a shell beyond rpoly stays, whatever slow thing is added and whatever the scale is") {
    auto const clean = ad_hoc(pattern(1, nothing), alloy(), config());
    CHECK(at(clean, 2.85) > 3.5); // of 5: least squares with S = 1 everywhere is the scale, and S is not 1
    CHECK(at(clean, 2.85) < 5.1);
    CHECK(std::abs(at(clean, 4.5)) < 0.1 * at(clean, 2.85));
    auto const slow = ad_hoc(pattern(70, [](double q) { return 300 * std::exp(-q / 9) + 2 * q; }), alloy(), config());
    // the scale is arbitrary: what is added is taken for scattering by the sample
    double const ratio = at(slow, 2.85) / at(clean, 2.85);
    CHECK(ratio > 0.3);
    CHECK(ratio < 1);
    for (double r = 2; r < 6; r += 0.25) CHECK(at(slow, r) == doctest::Approx(ratio * at(clean, r)).scale(1).epsilon(0.12));
    auto const scaled = ad_hoc(pattern(70, nothing), alloy(), config());
    CHECK(scaled.scale == doctest::Approx(70 * clean.scale).epsilon(1e-12));
    for (std::size_t i = 0; i < clean.gr.g.size(); ++i) CHECK(scaled.gr.g[i] == doctest::Approx(clean.gr.g[i]).scale(1).epsilon(1e-10));
}

TEST_CASE("between two whole degrees F is their mean by the fraction") {
    auto const p = pattern(1, [](double q) { return 50 * std::sin(q); });
    double const range = p.q_invA.back() - p.q_invA.front();
    auto c = config();
    auto const f_at = [&](double degree) {
        c.rpoly_A = degree * pi / range;
        return ad_hoc(p, alloy(), c).sq.f;
    };
    auto const low = f_at(4 + 1e-12), high = f_at(5 + 1e-12), between = f_at(4.3);
    for (std::size_t i = 0; i < low.size(); i += 100) CHECK(between[i] == doctest::Approx(0.7 * low[i] + 0.3 * high[i]).epsilon(1e-8));
    double product = 0, square = 0; // what is left has no such polynomial in it
    for (std::size_t i = 0; i < low.size(); ++i) {
        product += low[i] * std::pow(p.q_invA[i] / 25, 3);
        square += low[i] * low[i];
    }
    CHECK(std::abs(product) < 1e-7 * square);
}

TEST_CASE("S and G scatter by their sigma: scale, polynomial and transform propagate") {
    constexpr unsigned seed = 20261126;
    constexpr int draws = 1000;
    MESSAGE("seed ", seed);
    auto const clean = pattern(1, nothing);
    auto c = config();
    c.r_step_A = 0.5;
    c.q_max_invA = 20;
    SUBCASE("without a window") {}
    SUBCASE("with one") {
        c.window = Window::lorch;
    }
    auto const truth = ad_hoc(clean, alloy(), c);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> g(truth.gr.g.size()), s(truth.sq.s.size());
    for (int k = 0; k < draws; ++k) {
        auto noisy = clean;
        for (std::size_t i = 0; i < noisy.intensity.size(); ++i) noisy.intensity[i] += noisy.sigma[i] * normal(random);
        auto const one = ad_hoc(noisy, alloy(), c);
        for (std::size_t i = 0; i < g.size(); ++i) g[i] += std::pow((one.gr.g[i] - truth.gr.g[i]) / truth.gr.g_sigma[i], 2) / draws;
        for (std::size_t i = 0; i < s.size(); ++i) s[i] += std::pow((one.sq.s[i] - truth.sq.s[i]) / truth.sq.s_sigma[i], 2) / draws;
    }
    for (double const square : g) CHECK(std::abs(square - 1) < 5 * std::sqrt(2.0 / draws));
    for (std::size_t i = 0; i < s.size(); i += 60) CHECK(std::abs(s[i] - 1) < 5 * std::sqrt(2.0 / draws));
}

TEST_CASE("where one bin alone errs, every error is its effect: through scale and polynomial on points that it is not, too") {
    auto c = config();
    c.q_max_invA = 20;
    for (std::size_t const bin : {30u, 500u, 950u}) { // the last is beyond q_max: it acts through what all share alone
        CAPTURE(bin);
        auto p = pattern(1, nothing);
        p.sigma.assign(p.q_invA.size(), 0.0);
        double const sigma = p.sigma[bin] = 1e-4 * p.intensity[bin];
        auto const said = ad_hoc(p, alloy(), c);
        auto const moved = [&](double by) {
            auto other = p;
            other.intensity[bin] += by;
            return ad_hoc(other, alloy(), c);
        };
        auto const up = moved(sigma), down = moved(-sigma);
        double largest_s = 0, largest_g = 0;
        for (double const x : said.sq.s_sigma) largest_s = std::max(largest_s, x);
        for (double const x : said.gr.g_sigma) largest_g = std::max(largest_g, x);
        for (std::size_t i = 0; i < said.sq.s.size(); ++i) {
            double const off = std::abs(std::abs(up.sq.s[i] - down.sq.s[i]) / 2 - said.sq.s_sigma[i]);
            CHECK(off < 1e-6 * std::abs(said.sq.s_sigma[i]) + 1e-8 * largest_s);
        }
        for (std::size_t i = 0; i < said.gr.g.size(); ++i)
            CHECK(std::abs(std::abs(up.gr.g[i] - down.gr.g[i]) / 2 - said.gr.g_sigma[i]) < 1e-6 * largest_g);
    }
}

TEST_CASE("data on uneven steps give the curves and the errors of data on even ones") {
    constexpr unsigned seed = 20261127;
    constexpr int draws = 1000;
    MESSAGE("seed ", seed);
    auto const clean = uneven_pattern();
    REQUIRE(clean.q_invA.back() > 24);
    auto c = config();
    c.q_max_inst_invA = c.q_max_invA = 24;
    auto const truth = ad_hoc(clean, alloy(), c), even = ad_hoc(pattern(1, nothing), alloy(), c);
    for (double r = 2; r < 5; r += 0.25) CHECK(at(truth, r) == doctest::Approx(at(even, r)).scale(1).epsilon(0.02));
    c.r_step_A = 0.5;
    auto const coarse = ad_hoc(clean, alloy(), c);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> g(coarse.gr.g.size());
    for (int k = 0; k < draws; ++k) {
        auto noisy = clean;
        for (std::size_t i = 0; i < noisy.intensity.size(); ++i) noisy.intensity[i] += noisy.sigma[i] * normal(random);
        auto const one = ad_hoc(noisy, alloy(), c);
        for (std::size_t i = 0; i < g.size(); ++i) g[i] += std::pow((one.gr.g[i] - coarse.gr.g[i]) / coarse.gr.g_sigma[i], 2) / draws;
    }
    for (double const square : g) CHECK(std::abs(square - 1) < 5 * std::sqrt(2.0 / draws));
}

TEST_CASE("bins that share counts are known to, on uneven steps as on even ones") {
    auto c = config();
    c.q_max_inst_invA = c.q_max_invA = 24;
    for (auto p : {pattern(1, nothing), uneven_pattern()}) {
        auto const alone = ad_hoc(p, alloy(), c);
        p.correlation.assign(p.q_invA.size(), 0.4);
        p.correlation.back() = 0;
        auto const sharing = ad_hoc(p, alloy(), c);
        // slow sums: var gains the factor 1 + 2 r
        for (double r : {2.0, 3.0, 5.0}) {
            auto const i = static_cast<std::size_t>(std::lround(r / c.r_step_A)) - 1;
            CHECK(sharing.gr.g_sigma[i] / alone.gr.g_sigma[i] == doctest::Approx(std::sqrt(1.8)).epsilon(0.02));
        }
    }
}

TEST_CASE("nothing is drawn across missing bins of data on uneven steps") {
    auto const whole = uneven_pattern();
    auto p = whole;
    for (std::size_t i = 400; i < 410; ++i) p.intensity[i] = std::nan("");
    auto const a = ad_hoc(p, alloy(), config()), b = ad_hoc(whole, alloy(), config());
    std::size_t inside = 0;
    for (double const q : a.sq.q_invA)
        if (q > p.q_invA[399] && q < p.q_invA[410]) ++inside;
    CHECK(inside == 0);
    auto const left_out = b.sq.q_invA.size() - a.sq.q_invA.size();
    CHECK(left_out >= 9);
    CHECK(left_out <= 13);
    CHECK(at(a, 2.85) == doctest::Approx(at(b, 2.85)).epsilon(0.02));
}

TEST_CASE("a window multiplies F in the transform alone") {
    auto c = config();
    c.q_max_inst_invA = c.q_max_invA = 12; // the shell's wave is a fifth of its height there
    auto const plain = ad_hoc(pattern(1, nothing), alloy(), c);
    CHECK(plain.gr.window == "none");
    for (Window const window : {Window::lorch, Window::modified_lorch, Window::cosine}) {
        c.window = window;
        auto const damped = ad_hoc(pattern(1, nothing), alloy(), c);
        CHECK(damped.gr.window == name(window));
        CHECK(damped.sq.f == plain.sq.f);
        CHECK(damped.sq.s_sigma == plain.sq.s_sigma);
        CHECK(at(damped, 2.85) < 0.97 * at(plain, 2.85)); // broader, so lower
        auto const& q = damped.sq.q_invA;
        double const step = q[1] - q[0];
        for (double const r : {0.5, 2.85, 4.5}) {
            double sum = 0;
            for (std::size_t i = 0; i < q.size(); ++i)
                sum += (i == 0 || i + 1 == q.size() ? step / 2 : step) * damped.sq.f[i] * window_factor(window, q[i], q.back()) *
                       std::sin(q[i] * r);
            CHECK(at(damped, r) == doctest::Approx(2 / pi * sum).epsilon(1e-9));
        }
    }
}

TEST_CASE("noise of one bin reaches all others through scale and polynomial, as their sigma says") {
    auto clean = pattern(1, nothing);
    clean.sigma.assign(clean.sigma.size(), 0);
    constexpr std::size_t noisy = 90; // near the top of the curve, where the scale is made
    clean.sigma[noisy] = 1e-3 * clean.intensity[noisy];
    auto moved = clean;
    moved.intensity[noisy] += clean.sigma[noisy];
    auto const before = ad_hoc(clean, alloy(), config()), after = ad_hoc(moved, alloy(), config());
    for (std::size_t i = 0; i < before.sq.s.size(); i += 37) {
        double const change = std::abs(after.sq.s[i] - before.sq.s[i]);
        CHECK(before.sq.s_sigma[i] == doctest::Approx(change).scale(1e-6).epsilon(0.02));
    }
    for (std::size_t i = 0; i < before.gr.g.size(); i += 7)
        CHECK(before.gr.g_sigma[i] == doctest::Approx(std::abs(after.gr.g[i] - before.gr.g[i])).scale(1e-6).epsilon(0.02));
}

TEST_CASE("missing bins are left out, and what cannot be done is said") {
    auto p = pattern(1, nothing);
    for (std::size_t i = 300; i < 305; ++i) p.intensity[i] = std::nan("");
    auto const a = ad_hoc(p, alloy(), config());
    CHECK(a.sq.q_invA.size() == 995);
    CHECK(at(a, 2.85) == doctest::Approx(at(ad_hoc(pattern(1, nothing), alloy(), config()), 2.85)).epsilon(0.01));
    CHECK_THROWS_AS(ad_hoc(p, Composition{}, config()), DataError);
    auto c = config();
    c.q_min_invA = 24.9;
    CHECK_THROWS_AS(ad_hoc(p, alloy(), c), DataError);
    c = config();
    c.rpoly_A = 100;
    CHECK_THROWS_AS(ad_hoc(p, alloy(), c), DataError);
    c = config();
    c.q_max_invA = 0.51;
    CHECK_THROWS_AS(ad_hoc(p, alloy(), c), DataError);
    for (double& intensity : p.intensity) intensity = 0;
    CHECK_THROWS_AS(ad_hoc(p, alloy(), config()), DataError);
}
