// Krogh-Moe & Norman: exact on data that obey the sum rule, linear in noise, steady under Q.
#include "pipeline/reduce/normalization.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>

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
    }
    return d;
}

} // namespace

TEST_CASE("the scale of a pattern made from a known S(q) comes back") {
    VirtualGlass const glass;
    auto const scale = normalize(data_of(glass, 30, 2970), glass.density_A3);
    REQUIRE(scale);
    auto const n = &scale->normalization;
    CHECK(n->alpha == doctest::Approx(true_alpha).epsilon(1e-4)); // the fill below q = 0.3 and the end at 30 cost a few 1e-6
    CHECK(n->alpha == n->alpha_kmn);
    CHECK(n->alpha_high_q == doctest::Approx(true_alpha).epsilon(1e-3));
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
    CHECK(normalize(d, glass.density_A3)->normalization.alpha == doctest::Approx(true_alpha).epsilon(1e-3));
}

TEST_CASE("the response of alpha is what a change of one datum does") {
    VirtualGlass const glass;
    auto const clean = data_of(glass, 12, 400);
    auto const response = normalize(clean, glass.density_A3)->response;
    for (std::size_t i : {0u, 1u, 200u, 399u}) {
        auto up = clean, down = clean;
        double const step = 1e-4 * clean.y[i];
        up.y[i] += step;
        down.y[i] -= step;
        double const change = normalize(up, glass.density_A3)->normalization.alpha - normalize(down, glass.density_A3)->normalization.alpha;
        CHECK(response[i] == doctest::Approx(change / (2 * step)).epsilon(1e-6));
    }
}

TEST_CASE("data without scale have none") {
    VirtualGlass const glass;
    auto d = data_of(glass, 12, 400);
    for (auto& y : d.y) y = -y;
    CHECK_FALSE(normalize(d, glass.density_A3));
    CHECK_FALSE(normalize(ScaledData{}, glass.density_A3));
}
