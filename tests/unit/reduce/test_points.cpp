// Points of a scan: against each other, and the peak of each.
#include "pipeline/reduce/point_peaks.hpp"
#include "pipeline/reduce/point_statistics.hpp"
#include "tests/support/ribbon_scan.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr unsigned seed = 20261128;
constexpr std::size_t points = 200;

ReductionConfig station() {
    auto config = ribbon_station();
    config.selection.off_sample = config.selection.odd_points = false;
    return config;
}

double none(std::size_t) {
    return 0;
}
double one(std::size_t) {
    return 1;
}

} // namespace

TEST_CASE("points that differ by counting alone scatter as counting does") {
    MESSAGE("seed ", seed);
    auto const config = station();
    RibbonCounts const expected(config, 0.2);
    std::mt19937_64 random(seed);
    auto const curves = reduce_counts(scan_of(points, expected, bins_of(expected), random, one, none), false, {}, nullptr, false, config);
    REQUIRE(curves.point_statistics);
    auto const& s = *curves.point_statistics;
    CHECK(s.points == points);
    CHECK(s.block == 6);
    // 200 / 6 blocks, overlapping: the deviation of a deviation is about sqrt(2/3 / (2 x 33)) = 0.10
    for (double const ratio : {s.q1_ratio, s.fwhm_ratio, s.intensity_ratio}) CHECK(std::abs(ratio - 1) < 0.33);
    CHECK(s.q1_sigma == doctest::Approx(s.q1_ratio * curves.fsdp->q1_sigma).scale(0).epsilon(0.01));
}

TEST_CASE("a ribbon of uneven thickness scatters in intensity and not in q1; one whose structure drifts does in q1") {
    MESSAGE("seed ", seed);
    auto const config = station();
    RibbonCounts const expected(config, 0.2);
    auto const bins = bins_of(expected);
    std::mt19937_64 random(seed);
    auto const wave = [](std::size_t p) { return std::sin(static_cast<double>(p) / 8); };
    auto const uneven = reduce_counts(scan_of(
                                          points, expected, bins, random, [&](std::size_t p) { return 1 + 0.1 * wave(p); }, none),
                                      false, {}, nullptr, false, config);
    CHECK(uneven.point_statistics->intensity_ratio > 5);
    CHECK(std::abs(uneven.point_statistics->q1_ratio - 1) < 0.33);

    auto const drift = reduce_counts(scan_of(points, expected, bins, random, one, [&](std::size_t p) { return 0.02 * wave(p); }), false, {},
                                     nullptr, false, config);
    CHECK(drift.point_statistics->q1_ratio > 2);
    // blocks of six of a wave of 50 points: the mean of n points scatters by about 0.02 / sqrt(2) sqrt(6 / n)
    CHECK(drift.point_statistics->q1_sigma == doctest::Approx(0.02 / std::sqrt(2.0) * std::sqrt(6.0 / points)).scale(0).epsilon(0.3));
}

TEST_CASE("few points have no statistics") {
    auto const config = station();
    RibbonCounts const expected(config, 1);
    std::mt19937_64 random(seed);
    auto scan = scan_of(points, expected, bins_of(expected), random, one, none);
    scan.frames.resize(7); // blocks of two: three and a half
    CHECK_FALSE(reduce_counts(scan, false, {}, nullptr, false, config).point_statistics);
}

TEST_CASE("the peak of each point scatters about the truth by its sigma, at few counts too, and follows its drift") {
    MESSAGE("seed ", seed);
    for (bool const on_pattern : {false, true}) {
        auto config = station();
        config.fsdp->on_pattern = on_pattern;
        RibbonCounts const expected(config, 0.05); // some 20 counts in a bin of the peak
        auto const bins = bins_of(expected);
        std::mt19937_64 random(seed);
        auto const drift = [](std::size_t p) { return 0.05 * (static_cast<double>(p) / points - 0.5); };
        auto const thickness = [](std::size_t p) { return p % 2 == 0 ? 0.7 : 1.3; };
        auto const scan = scan_of(points, expected, bins, random, thickness, drift);
        auto const curves = reduce_counts(scan, false, {}, nullptr, false, config);
        auto const peaks = point_peaks(*bins, scan.frames, curves, config);
        REQUIRE(peaks.size() == points);
        Pulls pulls;
        double slope = 0, norm = 0;
        std::array<Pulls, 2> chi2; // of thin and of thick points
        for (std::size_t p = 0; p < points; ++p) {
            if (!std::isfinite(peaks[p].second.q1)) continue;
            pulls.add((peaks[p].second.q1 - curves.fsdp->q1 - drift(p)) / peaks[p].second.q1_sigma);
            chi2[p % 2].add(peaks[p].second.chi2_reduced);
            slope += (peaks[p].second.q1 - curves.fsdp->q1) * drift(p) / std::pow(peaks[p].second.q1_sigma, 2);
            norm += std::pow(drift(p) / peaks[p].second.q1_sigma, 2);
        }
        CAPTURE(on_pattern);
        for (auto const& each : chi2) CHECK(std::abs(each.mean() - 1) < 0.1); // of 82 degrees of freedom, 100 points: 0.016
        CHECK(pulls.count > 0.9 * points);                                    // at so few counts some end at a bound
        CHECK(std::abs(pulls.mean()) < 0.4);                                  // 3.3 / sqrt(200), and the model's second order
        CHECK(std::abs(pulls.deviation() - 1) < 0.2);
        CHECK(std::abs(slope / norm - 1) < 3.3 / std::sqrt(norm) + 0.05);
    }
}
