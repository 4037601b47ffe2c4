// Repeated draws: they scatter as the propagated sigmas say, and are the same for the same seed.
#include "pipeline/reduce/replicas.hpp"
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("replicas of the counts scatter as the propagated errors say") {
    constexpr unsigned seed = 20261126;
    MESSAGE("seed ", seed);
    auto config = ribbon_station();
    RibbonCounts const expected(config, 100);
    auto air = counted(expected.q, expected.air, exactly);
    for (std::size_t i = 0; i < air.q_invA.size(); ++i) { // a short background, whose noise is half of all
        air.counts[i] /= 20;
        air.norm[i] /= 20;
        air.sigma[i] *= std::sqrt(20);
    }
    auto const glass = counted(expected.q, expected.glass, exactly);
    config.uncertainty.replicas = 300;
    config.uncertainty.seed = seed;
    auto const curves = reduce_pattern(glass, &air, true, config);
    REQUIRE(curves.replicas);
    constexpr double bound = 3.3 * 0.0408; // 3.3 / sqrt(600)
    CHECK(std::abs(curves.replicas->q1 / curves.fsdp->q1_sigma - 1) < bound);
    CHECK(std::abs(curves.replicas->fwhm / curves.fsdp->fwhm_sigma - 1) < bound);
    CHECK(std::abs(curves.replicas->height / curves.fsdp->height_sigma - 1) < bound);
    CHECK(std::abs(curves.replicas->alpha / curves.sq->normalization.alpha_sigma - 1) < bound);
    CHECK(replica_spread(glass, &air, true, config)->q1 == curves.replicas->q1);
    config.uncertainty.seed = seed + 1;
    CHECK(replica_spread(glass, &air, true, config)->q1 != curves.replicas->q1);
}

TEST_CASE("where counts are not known the intensity is drawn about itself by its sigma; bins that share counts are not drawn") {
    auto config = ribbon_station();
    RibbonCounts const expected(config, 100);
    auto glass = counted(expected.q, expected.glass, exactly);
    glass.counts.clear();
    std::mt19937_64 random(3);
    auto const one = drawn(glass, random);
    double square = 0;
    for (std::size_t i = 0; i < glass.q_invA.size(); ++i) square += std::pow((one.intensity[i] - glass.intensity[i]) / glass.sigma[i], 2);
    CHECK(square / 640 == doctest::Approx(1).epsilon(3.3 * std::sqrt(2.0 / 640)));
    glass.correlation.assign(glass.q_invA.size(), 0.1);
    config.uncertainty.replicas = 5;
    CHECK_FALSE(replica_spread(glass, nullptr, false, config));
}
