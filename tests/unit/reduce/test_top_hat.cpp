// Soper's top hat: takes smooth backgrounds out, leaves the shells, is linear.
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/top_hat.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace sqd;
using test::VirtualGlass;

namespace {

constexpr double cut_A = 1.9, hat_invA = 1.6;

// `level` of a smooth background: of S at q = 0, falling over 6 1/A, as of Compton or multiple scattering that was missed.
StructureFactor measured(double level) {
    VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.3, 26, 1285);
    sq.s = glass.s(sq.q_invA);
    sq.s_sigma.assign(sq.s.size(), 0.001);
    sq.normalization.density_A3 = glass.density_A3;
    for (std::size_t i = 0; i < sq.s.size(); ++i) sq.s[i] += level * std::exp(-sq.q_invA[i] / 6);
    return sq;
}

PairDistribution g_of(StructureFactor const& sq, int steps) {
    return pair_distribution(sq, {26, Window::lorch, 15, 0.01, cut_A, steps, LowRMethod::top_hat, hat_invA});
}

double worst(std::vector<double> const& a, std::vector<double> const& b, std::size_t from, std::size_t to) {
    double most = 0;
    for (std::size_t i = from; i < to; ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
}

} // namespace

TEST_CASE("a background of 2 per cent that is smooth in q goes, and the shells stay within what counting leaves uncertain") {
    auto const right = g_of(measured(0), 0), spoilt = g_of(measured(0.02), 0), mended = g_of(measured(0.02), 1);
    double const before = worst(spoilt.g, right.g, 0, 150), after = worst(mended.g, right.g, 0, 150);
    MESSAGE("G below 1.5 A is off by ", before, " and, mended, by ", after, " 1/A^2");
    CHECK(after < 0.1 * before);
    for (std::size_t i = 0; i < 160; ++i)
        CHECK(mended.g[i] == doctest::Approx(-4 * std::numbers::pi * mended.density_A3 * mended.r_A[i]).scale(1).epsilon(0.02));
    REQUIRE(mended.shells.size() == right.shells.size());
    for (std::size_t n = 0; n < right.shells.size(); ++n) {
        CHECK(std::abs(mended.shells[n].r_A.value - right.shells[n].r_A.value) < right.shells[n].r_A.sigma);
        CHECK(std::abs(mended.shells[n].height.value - right.shells[n].height.value) < right.shells[n].height.sigma);
    }
}

TEST_CASE("S(q) that is right at low r stays as it is") {
    auto const raw = g_of(measured(0), 0), mended = g_of(measured(0), 1);
    CHECK(worst(raw.g, mended.g, 0, raw.g.size()) < 0.02 * raw.shells[0].height.value);
}

TEST_CASE("a constant goes altogether, to the last point") {
    auto const sq = measured(0);
    auto lifted = sq;
    for (double& s : lifted.s) s += 0.1;
    auto const a = take_out_top_hat(transform_grid(sq, 26), sq.normalization.density_A3, cut_A, hat_invA),
               b = take_out_top_hat(transform_grid(lifted, 26), sq.normalization.density_A3, cut_A, hat_invA);
    CHECK(worst(a, b, 1, a.size()) < 1e-9); // at q = 0 the sphere about the point has no volume of its own
}

TEST_CASE("the weights on S before are those of a linear map") {
    auto const sq = measured(0.02);
    auto const grid = transform_grid(sq, 26);
    Image<double> weights(1, grid.q_invA.size());
    for (std::size_t i = 0; i < weights.cols; ++i) weights.pixels[i] = std::cos(0.37 * static_cast<double>(i));
    auto const back = before_top_hat(grid, cut_A, hat_invA, weights);
    auto const value = [&](TransformGrid const& of) {
        auto const s = take_out_top_hat(of, sq.normalization.density_A3, cut_A, hat_invA);
        double sum = 0;
        for (std::size_t i = 0; i < s.size(); ++i) sum += weights.pixels[i] * s[i];
        return sum;
    };
    for (std::size_t const j : {1u, 20u, 400u, 1290u}) {
        auto other = grid;
        other.s[j] += 1;
        CHECK(value(other) - value(grid) == doctest::Approx(back.pixels[j]).epsilon(1e-9).scale(1));
    }
}
