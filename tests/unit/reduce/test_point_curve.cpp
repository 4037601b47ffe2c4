// The curve of one point beside the mean of all.
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/point_curve.hpp"
#include "pipeline/reduce/selection.hpp"
#include "tests/support/ribbon_scan.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("curves of points, weighted by their norm, make the mean's, with and without background") {
    auto const config = ribbon_station();
    RibbonCounts const expected(config, 0.3);
    auto const bins = bins_of(expected);
    std::mt19937_64 random(11);
    auto scan = scan_of(
        5, expected, bins, random, [](std::size_t p) { return 1 + 0.2 * static_cast<double>(p); }, [](std::size_t) { return 0.0; });
    for (auto& frame : scan.frames) {
        auto own = std::make_shared<FrameCounts>(*frame);
        own->exposure_s = 0.1 * static_cast<double>(1 + own->number);
        own->monitor = 2;
        own->deficits = {{7, 0.5, 0.5}}; // half of a bin was invalid
        frame = std::move(own);
    }
    auto const mean = to_pattern(*bins, sum_frames(*bins, scan.frames));
    auto air = counted(expected.q, expected.air, exactly);
    air.radial = mean.radial; // the same but for rounding
    double const scale = 0.6;
    auto const net = subtract(mean, air, scale);
    double weight = 0;
    std::vector<double> sum(expected.q.size()), net_sum(expected.q.size());
    for (auto const& frame : scan.frames) {
        auto const curve = point_curve(*bins, frame, &air, scale);
        REQUIRE(curve.net);
        CHECK_FALSE(point_curve(*bins, frame, nullptr, 0).net);
        double const own = frame->exposure_s * frame->monitor;
        weight += own;
        for (std::size_t b = 0; b < sum.size(); ++b) {
            sum[b] += own * curve.pattern.intensity[b];
            net_sum[b] += own * curve.net->intensity[b];
        }
        CHECK(curve.pattern.intensity[7] == doctest::Approx(static_cast<double>(counts_in(*frame, 7)) / (0.5 * own)).epsilon(1e-12));
        CHECK(curve.pattern.sigma[9] == doctest::Approx(std::sqrt(static_cast<double>(counts_in(*frame, 9))) / own).epsilon(1e-12));
    }
    for (std::size_t b = 0; b < sum.size(); ++b) {
        CHECK(sum[b] / weight == doctest::Approx(mean.intensity[b]).epsilon(1e-12));
        CHECK(net_sum[b] / weight == doctest::Approx(net.intensity[b]).scale(mean.intensity[b]).epsilon(1e-12));
    }
}
