// Krogh-Moe & Norman: exact on data that obey the sum rule, linear in noise, steady under Q.
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

using namespace sqd;
using test::VirtualGlass;

namespace {

constexpr double true_alpha = 0.0137;

// S = 1 + alpha y - t with a t that rises like Compton over <f>^2.
ScaledData data_of(VirtualGlass const& glass, double q_max, std::size_t points) {
    ScaledData d;
    d.q_invA = test::bin_centres(0.3, q_max, points);
    auto const s = glass.s(d.q_invA);
    for (std::size_t i = 0; i < s.size(); ++i) {
        d.t.push_back(1.36 + 0.003 * d.q_invA[i] * d.q_invA[i]);
        d.y.push_back((s[i] - 1 + d.t[i]) / true_alpha);
        d.u.push_back(std::exp(0.02 * d.q_invA[i] * d.q_invA[i] / 3) / 400); // 1 / <f>^2
    }
    return d;
}

// Each method, and of those that see it each model of low q.
std::vector<NormalizationConfig> every_method() {
    std::vector<NormalizationConfig> out{{NormalizationMethod::high_q, false}, {NormalizationMethod::high_q, true}};
    for (LowQ const low_q : {LowQ::constant, LowQ::linear, LowQ::parabola, LowQ::none}) {
        out.push_back({NormalizationMethod::kmn, false, low_q, 0.002, 0});
        out.push_back({NormalizationMethod::low_r, false, low_q, 0, 1.9});
    }
    return out;
}

} // namespace

TEST_CASE("the scale of a pattern made from a known S(q) comes back") {
    VirtualGlass const glass;
    auto const scale = normalize(data_of(glass, 30, 2970), glass.density_A3);
    REQUIRE(scale);
    auto const n = &scale->normalization;
    CHECK(n->alpha == doctest::Approx(true_alpha).scale(0).epsilon(1e-4)); // the fill below q = 0.3 and the end at 30 cost a few 1e-6
    CHECK(n->alpha == n->alpha_kmn);
    CHECK(n->alpha_high_q == doctest::Approx(true_alpha).scale(0).epsilon(1e-3));
    CHECK(n->alpha_spread / true_alpha < 1e-3);
    CHECK(n->method == "kmn");
    CHECK(n->q_max_invA == doctest::Approx(29.995));
}

TEST_CASE("at a small Q the spread says how far alpha may be off") {
    VirtualGlass const glass;
    auto const scale = normalize(data_of(glass, 6.9, 2200), glass.density_A3);
    REQUIRE(scale);
    auto const n = &scale->normalization;
    CHECK(std::abs(n->alpha / true_alpha - 1) < 0.05);
    CHECK(std::abs(n->alpha - true_alpha) < 2 * n->alpha_spread);
}

TEST_CASE("the density enters as 2 pi^2 rho0") {
    VirtualGlass const glass;
    auto const d = data_of(glass, 8, 800);
    auto const full = normalize(d, glass.density_A3), none = normalize(d, 0);
    double moment = 0;
    auto const w = trapezoid_weights(d.q_invA);
    for (std::size_t i = 0; i < w.size(); ++i) moment += w[i] * d.q_invA[i] * d.q_invA[i] * d.y[i];
    // the fill below 0.3 is 1e-5 of the moment
    CHECK((none->normalization.alpha - full->normalization.alpha) * moment ==
          doctest::Approx(19.739208802178716 * glass.density_A3).epsilon(1e-4));
}

TEST_CASE("alpha does not depend on missing bins beyond their share") {
    VirtualGlass const glass;
    auto d = data_of(glass, 30, 2970);
    for (auto* v : {&d.q_invA, &d.y, &d.t}) v->erase(v->begin() + 900, v->begin() + 912);
    CHECK(normalize(d, glass.density_A3)->normalization.alpha == doctest::Approx(true_alpha).scale(0).epsilon(1e-3));
}

TEST_CASE("by every method the response of alpha and constant is what a change of one datum does") {
    VirtualGlass const glass;
    auto const clean = data_of(glass, 12, 400);
    for (auto const& config : every_method()) {
        CAPTURE(config.method);
        CAPTURE(config.low_q);
        auto const used = normalize(clean, glass.density_A3, config)->used;
        for (std::size_t i : {0u, 1u, 5u, 200u, 399u}) {
            auto up = clean, down = clean;
            double const step = 1e-4 * clean.y[i];
            up.y[i] += step;
            down.y[i] -= step;
            auto const high = normalize(up, glass.density_A3, config)->used, low = normalize(down, glass.density_A3, config)->used;
            CHECK(used.response[i] == doctest::Approx((high.alpha - low.alpha) / (2 * step)).epsilon(1e-5).scale(1e-12));
            if (!used.constant_response.empty())
                CHECK(used.constant_response[i] == doctest::Approx((high.constant - low.constant) / (2 * step)).epsilon(1e-5).scale(1e-12));
        }
    }
}

TEST_CASE("a constant number of electron units is found beside the scale, and spoils the scale without it") {
    VirtualGlass const glass;
    auto d = data_of(glass, 30, 2970);
    constexpr double constant = 0.8;
    for (std::size_t i = 0; i < d.y.size(); ++i) d.y[i] += constant * d.u[i] / true_alpha;
    auto const n = normalize(d, glass.density_A3, {NormalizationMethod::high_q, true})->normalization;
    CHECK(n.alpha == doctest::Approx(true_alpha).scale(0).epsilon(2e-3));
    CHECK(n.constant == doctest::Approx(constant).epsilon(0.05));
    CHECK(n.constant_subtracted);
    CHECK(n.alpha_high_q < 0.98 * true_alpha);
    CHECK(n.alpha == *n.alpha_high_q_constant);
}

TEST_CASE("the scale by low r is the one that makes G(r) the density line there") {
    VirtualGlass const glass;
    auto const d = data_of(glass, 30, 2970);
    NormalizationConfig config{NormalizationMethod::low_r};
    config.low_r_cut_A = 1.9;
    auto const n = normalize(d, glass.density_A3, config)->normalization;
    CHECK(n.alpha == doctest::Approx(true_alpha).scale(0).epsilon(2e-3)); // without window G ripples below the cut
    CHECK(n.method == "low_r");
    CHECK(*n.alpha_low_r == n.alpha);
    auto const excess = [&](double alpha) { // int [G + 4 pi rho0 r]^2 below the cut, G by the transform that results have
        StructureFactor sq;
        sq.q_invA = d.q_invA;
        sq.s_sigma.assign(d.y.size(), 1);
        for (std::size_t i = 0; i < d.y.size(); ++i) sq.s.push_back(1 + alpha * d.y[i] - d.t[i]);
        auto const gr = pair_distribution(sq, {30, Window::none, 2.5, 0.01, 0, 0});
        double sum = 0;
        for (std::size_t k = 0; gr.r_A[k] < 1.9; ++k) sum += std::pow(gr.g[k] + 4 * std::numbers::pi * glass.density_A3 * gr.r_A[k], 2);
        return sum;
    };
    double const least = excess(n.alpha);
    CHECK(excess(1.00003 * n.alpha) > least);
    CHECK(excess(0.99997 * n.alpha) > least);
    CHECK_FALSE(normalize(d, glass.density_A3)->normalization.alpha_low_r);
    CHECK_FALSE(normalize(d, glass.density_A3, {NormalizationMethod::low_r})); // without a cut there is none
}

TEST_CASE("what S is below the data enters the sum rule as its integral") {
    auto const integral_below = [](LowQ low_q, double damping) {
        ScaledData d; // S = 1 + y - 1, with y = 0.3 + 0.05 q^2 and alpha = 1 by the density
        d.q_invA = test::bin_centres(1.0, 3.0, 400);
        for (double const q : d.q_invA) {
            d.y.push_back(0.3 + 0.05 * q * q);
            d.t.push_back(1);
        }
        NormalizationConfig config;
        config.low_q = low_q;
        config.kmn_damping_A2 = damping;
        auto const with = normalize(d, 0, config)->normalization.alpha;
        config.low_q = LowQ::none;
        auto const without = normalize(d, 0, config)->normalization.alpha;
        // alpha = T / Y: of both methods T and Y differ by the low part; solve for that of S = 1 + alpha y - t at alpha = with
        double y = 0, t = 0;
        auto const w = trapezoid_weights(d.q_invA);
        for (std::size_t i = 0; i < w.size(); ++i) {
            double const moment = w[i] * d.q_invA[i] * d.q_invA[i] * std::exp(-damping * d.q_invA[i] * d.q_invA[i]);
            y += moment * d.y[i];
            t += moment * d.t[i];
        }
        CHECK(without == doctest::Approx(t / y));
        return std::pair{with, t - with * y}; // the low part of int q^2 (S - 1) is minus that of the data
    };
    double const q1 = 1.0025; // the first centre
    for (double const damping : {0.0, 0.05}) {
        auto const moment = [&](auto const& s) {
            double sum = 0;
            for (int i = 0; i < 20000; ++i) {
                double const q = q1 * (i + 0.5) / 20000;
                sum += q1 / 20000 * q * q * (s(q) - 1) * std::exp(-damping * q * q);
            }
            return sum;
        };
        auto const y = [](double q) { return 0.3 + 0.05 * q * q; };
        auto const constant = integral_below(LowQ::constant, damping), linear = integral_below(LowQ::linear, damping),
                   parabola = integral_below(LowQ::parabola, damping);
        CHECK(constant.second == doctest::Approx(moment([&](double) { return constant.first * y(q1); })).epsilon(1e-6));
        CHECK(linear.second == doctest::Approx(moment([&](double q) { return linear.first * y(q1) * q / q1; })).epsilon(1e-6));
        CHECK(parabola.second == doctest::Approx(moment([&](double q) { return parabola.first * y(q); })).epsilon(1e-6));
    }
}

TEST_CASE("data without scale have none") {
    VirtualGlass const glass;
    auto d = data_of(glass, 12, 400);
    for (auto& y : d.y) y = -y;
    CHECK_FALSE(normalize(d, glass.density_A3));
    CHECK_FALSE(normalize(ScaledData{}, glass.density_A3));
}
