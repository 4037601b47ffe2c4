// Errors of G(r): sensitivities against finite differences of what is computed, sigma and covariance against each other and against draws.
#include "pipeline/reduce/g_errors.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

// S = direct x + effect p with p a sum over x, as a scale from all points makes it; neighbours correlate; below 0.8 1/A nothing is
// measured.
StructureFactor linked() {
    test::VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.8, 16, 304);
    sq.s = glass.s(sq.q_invA);
    sq.normalization.density_A3 = glass.density_A3;
    std::size_t const n = sq.q_invA.size();
    sq.s_sigma.assign(n, 0.01);
    sq.errors.bin.resize(n);
    SharedParameter scale;
    for (std::size_t i = 0; i < n; ++i) {
        double const q = sq.q_invA[i];
        sq.s[i] *= 1 + 0.05 * std::exp(-q * q / 20); // something to clean
        sq.errors.sigma.push_back(0.002 + 0.0003 * q);
        sq.errors.background_sigma.push_back(0.001);
        sq.errors.direct.push_back(1 + 0.01 * q);
        sq.errors.correlation.push_back(0.2);
        scale.effect.push_back(sq.s[i]);
        scale.response.push_back(2e-5 * q * q);
    }
    sq.errors.shared = {scale};
    return sq;
}

// With the intensity of one bin moved.
StructureFactor moved(StructureFactor sq, std::size_t j, double by) {
    auto const& e = sq.errors;
    for (std::size_t i = 0; i < sq.s.size(); ++i)
        sq.s[i] += ((i == j ? e.direct[i] : 0) + e.shared[0].effect[i] * e.shared[0].response[j]) * by;
    return sq;
}

std::vector<PairDistributionConfig> recipes() {
    return {{16, Window::lorch, 9, 0.01, 0, 0},
            {16, Window::none, 9, 0.01, 1.9, 1},
            {16, Window::lorch, 9, 0.01, 1.9, 3},
            {15, Window::lorch, 9, 0.01, 1.9, 1, LowRMethod::top_hat, 1.6}}; // data beyond q_max count through the scale
}

double largest(std::vector<Spread> const& spreads) {
    double out = 0;
    for (auto const& each : spreads) out = std::max(out, each.sigma);
    return out;
}

} // namespace

TEST_CASE("G at a radius moves with the intensity of every bin as its sensitivity says, through scale, added points and cleaning") {
    auto const sq = linked();
    for (auto const& config : recipes()) {
        CAPTURE(config.iterations);
        auto const made_of = spectrum(sq, config);
        std::vector<double> const radii{0.5, 1.5, 1.9, 2.8, 8.9};
        Image<double> weights(radii.size(), made_of.kernel.size());
        for (std::size_t k = 0; k < radii.size(); ++k)
            for (std::size_t i = 0; i < weights.cols; ++i) weights(k, i) = made_of.kernel[i] * std::sin(made_of.grid.q_invA[i] * radii[k]);
        auto const b = sensitivities(made_of, weights);
        for (std::size_t const j : {0u, 1u, 7u, 40u, 150u, 299u, 303u}) {
            CAPTURE(j);
            constexpr double by = 1e-4;
            auto values = config;
            values.errors = false;
            auto const up = pair_distribution(moved(sq, j, by), values), down = pair_distribution(moved(sq, j, -by), values);
            for (std::size_t k = 0; k < radii.size(); ++k) {
                auto const at = static_cast<std::size_t>(std::lround(radii[k] / 0.01)) - 1;
                // clean_low_r integrates by the trapezoid on steps of 0.01 A, the response exactly
                CHECK(b(k, j) == doctest::Approx((up.g[at] - down.g[at]) / (2 * by)).epsilon(2e-3).scale(0.05));
            }
        }
    }
}

TEST_CASE("sigma between the points where it is worked out is that of working it out there") {
    auto const sq = linked();
    for (auto const& config : recipes()) {
        auto const made_of = spectrum(sq, config);
        std::vector<double> fine, few{0.01, 1.23, 3.33, 5.01, 5.02, 7.77, 8.99};
        for (int i = 1; i <= 900; ++i) fine.push_back(0.01 * i);
        auto const all = spread_of_g(made_of, fine);
        auto const scale = largest(all);
        auto const covariance = covariance_of_g(made_of, few);
        for (std::size_t k = 0; k < few.size(); ++k) {
            auto const at = static_cast<std::size_t>(std::lround(few[k] / 0.01)) - 1;
            CHECK(all[at].sigma == doctest::Approx(std::sqrt(covariance(k, k))).epsilon(1e-6).scale(scale));
            CHECK(all[at].background_sigma < all[at].sigma);
            CHECK(spread_of_g(made_of, few)[k].sigma == doctest::Approx(all[at].sigma).epsilon(1e-6).scale(scale));
        }
    }
}

TEST_CASE("the covariance of G is that of draws, and neighbours closer than pi / q_max move together") {
    constexpr std::uint64_t seed = 20261127;
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    auto sq = linked();
    sq.errors.correlation.clear();
    PairDistributionConfig config{16, Window::lorch, 6, 0.1, 1.9, 3};
    std::vector<double> const radii{1.0, 2.6, 2.7, 2.9, 4.0, 5.9};
    auto const expected = covariance_of_g(spectrum(sq, config), radii);
    CHECK(expected(1, 2) > 0.5 * expected(1, 1)); // 0.1 A apart, pi / q_max is 0.2 A
    config.errors = false;
    auto const base = pair_distribution(sq, config);
    Image<double> found(radii.size(), radii.size());
    constexpr int draws = 2000;
    for (int k = 0; k < draws; ++k) {
        auto noisy = sq;
        double shared = 0;
        for (std::size_t i = 0; i < sq.s.size(); ++i) {
            double const x = sq.errors.sigma[i] * normal(random);
            noisy.s[i] += sq.errors.direct[i] * x;
            shared += sq.errors.shared[0].response[i] * x;
        }
        for (std::size_t i = 0; i < sq.s.size(); ++i) noisy.s[i] += sq.errors.shared[0].effect[i] * shared;
        auto const gr = pair_distribution(noisy, config);
        std::vector<double> off;
        for (double const r : radii) {
            auto const at = static_cast<std::size_t>(std::lround(r / 0.1)) - 1;
            off.push_back(gr.g[at] - base.g[at]);
        }
        for (std::size_t a = 0; a < off.size(); ++a)
            for (std::size_t b = 0; b < off.size(); ++b) found(a, b) += off[a] * off[b] / draws;
    }
    for (std::size_t a = 0; a < radii.size(); ++a)
        for (std::size_t b = 0; b < radii.size(); ++b) {
            CHECK(expected(a, b) == expected(b, a));
            double const unit = std::sqrt(expected(a, a) * expected(b, b));
            CHECK(std::abs(found(a, b) - expected(a, b)) < 0.15 * unit); // sqrt(2 / 2000) = 0.032 is one deviation of the diagonal
        }
}

TEST_CASE("without errors the values are the same and no sigma is known") {
    auto config = recipes()[2];
    auto const with = pair_distribution(linked(), config);
    config.errors = false;
    auto const without = pair_distribution(linked(), config);
    CHECK(with.g == without.g);
    REQUIRE(with.shells.size() == without.shells.size());
    CHECK(with.shells[0].coordination->value == without.shells[0].coordination->value);
    CHECK(std::isnan(without.g_sigma[100]));
    CHECK(std::isnan(without.shells[0].r_A.sigma));
    CHECK(with.g_background_sigma.size() == with.g.size());
}
