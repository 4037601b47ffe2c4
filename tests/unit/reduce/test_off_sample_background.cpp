// A map whose own points beside the sample are its background.
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

using namespace sqd;
using namespace sqd::test;

namespace {

struct Map {
    ReductionConfig config = ribbon_station();
    RibbonCounts expected{config, 20};
    ScanCounts scan;
    BinnedCounts air; ///< of the points beside the sample

    Map() {
        config.selection.odd_points = false;
        auto bins = std::make_shared<BinMap>();
        bins->axis = Axis::uniform(0.5, 6.9, expected.q.size());
        bins->q_invA = expected.q;
        bins->bin_norm.assign(expected.q.size(), 1);
        bins->bin_pixels.assign(expected.q.size(), 1);
        scan.bins = bins;
        std::mt19937_64 random(11);
        PoissonDraw const poisson{random};
        for (std::size_t p = 0; p < 60; ++p) {
            auto frame = std::make_shared<FrameCounts>();
            frame->number = p;
            bool const on = p >= 20;
            for (double const mean : on ? expected.glass : expected.air) frame->counts.push_back(static_cast<std::uint32_t>(poisson(mean)));
            scan.frames.push_back(frame);
        }
        air = sum_frames(*scan.bins, {scan.frames.begin(), scan.frames.begin() + 20});
        auto blind = std::make_shared<FrameCounts>(*scan.frames.back()); // rejected for another reason: it is no background
        blind->number = 60;
        blind->monitor = 0;
        scan.frames.push_back(blind);
    }
    ReducedCurves reduce(bool map, BinnedCounts const* background) const { return reduce_counts(scan, map, {}, background, true, config); }
};

} // namespace

TEST_CASE("the points beside the sample are subtracted as a scan of them would be") {
    Map map;
    auto const by_scan = map.reduce(true, &map.air);
    map.config.background.off_sample = true;
    auto const by_itself = map.reduce(true, nullptr);
    REQUIRE(by_itself.net);
    CHECK(by_itself.rejected.size() == 21);
    CHECK(by_itself.net->intensity == by_scan.net->intensity);
    CHECK(by_itself.net->sigma == by_scan.net->sigma);
    CHECK(by_itself.fsdp->q1 == by_scan.fsdp->q1);
    CHECK(by_itself.fsdp->q1_background_sigma > 0);
}

TEST_CASE("a scan that is no map has no such points, and says that there is no background") {
    Map map;
    map.config.background.off_sample = true;
    auto const curves = map.reduce(false, nullptr);
    CHECK_FALSE(curves.net);
    CHECK(std::find(curves.flags.begin(), curves.flags.end(), "no_background") != curves.flags.end());
}
