// Errors that neighbours share: from split pixels to the pattern, its difference, S(q), alpha and G(r).
#include "pipeline/reduce/correlation.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "tests/support/small_detector.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

constexpr unsigned seed = 20261201;

} // namespace

TEST_CASE("of chosen points only neighbours correlate") {
    CHECK(correlation_of_chosen({}, {0, 1, 2}).empty());
    CHECK(correlation_of_chosen({0.1, 0.2, 0.3, 0}, {0, 1, 3}) == std::vector<double>{0.1, 0, 0});
}

TEST_CASE("a difference of patterns has the covariances of both") {
    Pattern1D sample;
    sample.radial = sample.q_invA = {1, 2, 3};
    sample.intensity = {10, 11, 12};
    sample.sigma = {2, 3, 4};
    sample.correlation = {0.3, 0.2, 0};
    Pattern1D air = sample;
    air.sigma = {1, 2, 1};
    air.correlation = {0.5, 0, 0};
    auto const net = subtract(sample, air, 0.5);
    REQUIRE(net.correlation.size() == 3);
    CHECK(net.correlation[0] == doctest::Approx((0.3 * 6 + 0.25 * 0.5 * 2) / (std::sqrt(4.25) * std::sqrt(10))));
    CHECK(net.correlation[1] == doctest::Approx(0.2 * 12 / (std::sqrt(10) * std::sqrt(16.25))));
    CHECK(net.correlation[2] == 0);
    sample.correlation.clear();
    air.correlation.clear();
    CHECK(subtract(sample, air, 0.5).correlation.empty());
}

TEST_CASE("a sum over bins of split pixels scatters as its variance with neighbours says") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    IntegrationConfig config;
    config.npt = 60;
    config.radial_range = std::pair{0.5, 3.5};
    config.split = Split::full;
    config.sensor_efficiency = false;
    auto const bins = build_bin_map(test::small_geometry(), test::small_mask(), config, std::nullopt, 13.8, serial_for());
    constexpr int draws = 400;
    PixelSum sum{LargeArray<double>(bins.pixels()), {}, 1, 1};
    double square = 0, with = 0, without = 0;
    auto const mean_of = [&bins](auto const& draw_pixel) {
        PixelSum one{LargeArray<double>(bins.pixels()), {}, 1, 1};
        for (double& counts : one.counts) counts = draw_pixel();
        return to_pattern(integrate_rings(*bins.rings, one, {}, serial_for()), bins.geometry, {});
    };
    auto const truth = mean_of([] { return 50.0; });
    for (int draw = 0; draw < draws; ++draw) {
        auto const pattern = mean_of([&random] { return static_cast<double>(std::poisson_distribution<int>(50)(random)); });
        double off = 0;
        for (std::size_t b = 0; b < 60; ++b) off += pattern.intensity[b] - truth.intensity[b];
        square += off * off / draws;
        with += variance_of_sum(pattern.sigma, pattern.correlation) / draws;
        without += variance_of_sum(pattern.sigma, {}) / draws;
    }
    CHECK(std::abs(square / with - 1) < 3.3 * std::sqrt(2.0 / draws));
    CHECK(with > 1.2 * without);
}

TEST_CASE("G(r) of a correlated S(q) scatters as it says") {
    MESSAGE("seed ", seed);
    // S(q) = 1 with errors a e_i + b e_(i+1).
    constexpr double a = 0.8, b = 0.6, r = a * b, level = 0.02;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.5, 20, 800);
    sq.s.assign(800, 1);
    sq.s_sigma.assign(800, level);
    sq.errors.correlation.assign(800, r);
    sq.form = "faber_ziman";
    PairDistributionConfig config;
    config.r_max_A = 6;
    config.r_step_A = 0.5;
    auto const said = pair_distribution(sq, config);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    constexpr int draws = 1000;
    std::vector<double> square(said.g.size());
    for (int draw = 0; draw < draws; ++draw) {
        auto noisy = sq;
        double error = normal(random);
        for (double& s : noisy.s) {
            double const next = normal(random);
            s += level * (a * error + b * next);
            error = next;
        }
        auto const g = pair_distribution(noisy, config).g;
        for (std::size_t i = 0; i < g.size(); ++i) square[i] += g[i] * g[i] / draws;
    }
    auto independent = sq;
    independent.errors.correlation.clear();
    auto const bare = pair_distribution(independent, config);
    for (std::size_t i = 0; i < square.size(); ++i) {
        CAPTURE(said.r_A[i]);
        CHECK(std::abs(square[i] / (said.g_sigma[i] * said.g_sigma[i]) - 1) < 4 * std::sqrt(2.0 / draws)); // 12 of them: 0.999
        CHECK(said.g_sigma[i] > 1.05 * bare.g_sigma[i]);
    }
}
