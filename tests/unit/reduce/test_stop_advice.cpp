// Whether more counts help: the arithmetic of parts, and the words.
#include "pipeline/reduce/stop_advice.hpp"
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

namespace {

Fsdp peak_with(double sigma, double background, double geometry) {
    Fsdp f;
    f.q1 = 2.62432;
    f.q1_sigma = sigma;
    f.q1_background_sigma = background;
    f.q1_sigma_geometry = geometry;
    f.q1_sigma_model = 0.0006;
    return f;
}

} // namespace

TEST_CASE("where the distance is far worse than counting, more counts will not help") {
    auto const a = *stop_advice(peak_with(0.0001, 0.00003, 0.0009), {}, 0.00005, 36);
    CHECK(a.advice == Advice::floor_reached);
    CHECK_FALSE(a.more_seconds);
    CHECK(a.sentence == "q1 = 2.6243, statistics 0.0001, distance 0.0009: more counts will not help");
}

TEST_CASE("the counts that are missing follow from the sample's part of the variance alone") {
    auto const a = *stop_advice(peak_with(0.0005, 0.0003, 0.0001), {}, 0.0004, 100);
    CHECK(a.advice == Advice::count_on);
    // sample 4e-4 has to fall to sqrt(16 - 9)e-4: 16 / 7 of the counts
    CHECK(*a.more_counts == doctest::Approx(16.0 / 7 - 1));
    CHECK(*a.more_seconds == doctest::Approx(100 * (16.0 / 7 - 1)));
    CHECK(a.sentence.find("129 s") == std::string::npos); // rounded up: 129 s are more than two minutes
    CHECK(a.sentence.ends_with("3 min more to 0.0004"));
    CHECK(stop_advice(peak_with(0.0005, 0.0003, 0.0001), {}, 0.0004, 0)->sentence.ends_with("1.3 times the counts more to 0.0004"));
}

TEST_CASE("a background that is worse than what was asked has to be counted itself") {
    auto const a = *stop_advice(peak_with(0.0005, 0.0004, 0), {}, 0.0003, 100);
    CHECK(a.advice == Advice::floor_reached);
    CHECK(a.sentence.ends_with("the background has 0.0004, count that longer"));
}

TEST_CASE("what is good enough is said so, and systematic terms belong to the floor") {
    auto const good = *stop_advice(peak_with(0.0002, 0.0001, 0.0001), {}, 0.0003, 100);
    CHECK(good.advice == Advice::reached);
    SystematicTerm scale, distance;
    scale.name = "scale", scale.q1 = 0.003;
    distance.name = "distance", distance.q1 = 0.1; // counted as q1_sigma_geometry
    auto const bad = *stop_advice(peak_with(0.0002, 0.0001, 0.0001), {scale, distance}, 0.0001, 100);
    CHECK(bad.advice == Advice::floor_reached);
    CHECK(bad.corrections == doctest::Approx(0.003).scale(0));
    CHECK(bad.floor == doctest::Approx(std::sqrt(9e-6 + 2e-8)).scale(0));
    CHECK_FALSE(stop_advice(peak_with(std::nan(""), 0, 0), {}, 0.0001, 100));
}

TEST_CASE("the advice comes true: with so many more counts the error is what was asked") {
    auto config = ribbon_station();
    auto const sigma_at = [&](double exposure) {
        RibbonCounts const expected(config, exposure);
        RibbonCounts const long_air(config, 2000);
        auto air = counted(expected.q, long_air.air, exactly);
        for (std::size_t i = 0; i < air.intensity.size(); ++i) {
            air.intensity[i] *= exposure / 2000;
            air.sigma[i] *= exposure / 2000;
        }
        return *reduce_pattern(counted(expected.q, expected.glass, exactly), &air, true, config).advice;
    };
    auto const now = sigma_at(100);
    config.uncertainty.q1_precision_invA = now.statistics / 1.5;
    config.sample.thickness_um = 0; // no distance error: counting is all
    auto const advice = sigma_at(100);
    REQUIRE(advice.more_counts);
    CHECK(sigma_at(100 * (1 + *advice.more_counts)).statistics == doctest::Approx(advice.requested).scale(0).epsilon(0.01));
}
