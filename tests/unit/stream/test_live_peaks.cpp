// The peak of every point while a map runs: which are fitted when, what they rest on, and that finals do not know of it.
#include "pipeline/reduce/point_peaks.hpp"
#include "pipeline/stream/live_peaks.hpp"
#include "pipeline/stream/reducer.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/ribbon_scan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr unsigned seed = 20261129;
constexpr std::size_t points = 60;

/// Whoever looks at it takes so long that the tenth fit is over the time that fits have.
class SlowClock final : public Clock {
public:
    double steady_s() const override { return seconds_ += LivePeaks::budget_s / 9.5; }
    std::int64_t utc_ns() const override { return 0; }

private:
    mutable double seconds_ = 0;
};

/// A map of a ribbon whose peak drifts, of which the first so many points are there.
struct RunningMap {
    ReductionConfig config = ribbon_station();
    ScanCounts all;
    std::vector<std::string> reasons = std::vector<std::string>(points); ///< why a point is left out
    PeakBasis basis;

    RunningMap() {
        config.selection.off_sample = config.selection.odd_points = false;
        RibbonCounts const expected(config, 0.5);
        auto const bins = bins_of(expected);
        std::mt19937_64 random(seed);
        all = scan_of(
            points, expected, bins, random, [](std::size_t) { return 1.0; }, [](std::size_t p) { return 1e-4 * static_cast<double>(p); });
        basis = {"uid", "config", "", bins, config.sample};
    }
    ScanCounts first(std::size_t count) const { return {all.bins, {all.frames.begin(), all.frames.begin() + static_cast<long>(count)}}; }
    ReducedCurves curves(ScanCounts scan) const {
        ScanCounts kept{scan.bins, {}};
        std::vector<RejectedFrame> rejected;
        for (auto const& frame : scan.frames) {
            if (reasons[frame->number].empty())
                kept.frames.push_back(frame);
            else
                rejected.push_back({frame->number, reasons[frame->number]});
        }
        auto out = reduce_counts(kept, false, {}, nullptr, false, config);
        REQUIRE(out.fsdp);
        out.rejected = std::move(rejected);
        return out;
    }
    LivePeaks::Outcome tick(LivePeaks& live, std::size_t count, bool fit = true) const {
        auto const scan = first(count);
        return live(basis, scan.frames, curves(scan), config, fit);
    }
};

std::size_t fitted(LivePeaks::Outcome const& outcome) {
    return static_cast<std::size_t>(std::ranges::count_if(outcome.peaks, [](PointPeak const& peak) { return std::isfinite(peak.q1); }));
}

bool same(PointPeak const& a, PointPeak const& b) {
    using Bits = std::array<std::uint64_t, 5>; // NaN is the same as itself
    return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}

} // namespace

TEST_CASE("with time enough the peaks of a running map are those that the points have from its mean") {
    MESSAGE("seed ", seed);
    RunningMap const map;
    FakeClock const clock;
    LivePeaks live(clock);
    auto const scan = map.first(40);
    auto const truth = point_peaks(*scan.bins, scan.frames, map.curves(scan), map.config);
    auto const outcome = map.tick(live, 40);
    REQUIRE(outcome.peaks.size() == 40);
    CHECK(outcome.waiting == 0);
    CHECK(fitted(outcome) > 35);
    for (std::size_t p = 0; p < 40; ++p) CHECK(same(outcome.peaks[p], truth[p].second));
}

TEST_CASE("a tick fits no longer than its share; what waits is worked off, new points before old ones of an earlier mean") {
    RunningMap const map;
    SlowClock const clock;
    LivePeaks live(clock);
    auto outcome = map.tick(live, 40);
    CHECK(outcome.waiting == 30);
    CHECK(fitted(outcome) == 10);
    outcome = map.tick(live, 44); // the mean has not twice the points
    CHECK(outcome.waiting == 24);
    CHECK(fitted(outcome) == 20);
    for (int ticks = 0; ticks < 3; ++ticks) outcome = map.tick(live, 44);
    CHECK(outcome.waiting == 0);
}

TEST_CASE("fits stand until the mean has twice the points, then are made again from it") {
    RunningMap const map;
    FakeClock const clock;
    LivePeaks live(clock);
    auto const early = map.tick(live, 25), later = map.tick(live, 45), late = map.tick(live, 50);
    auto const scan = map.first(50);
    auto const truth = point_peaks(*scan.bins, scan.frames, map.curves(scan), map.config);
    std::size_t moved = 0;
    for (std::size_t p = 0; p < 25; ++p) {
        CHECK(same(later.peaks[p], early.peaks[p]));
        CHECK(same(late.peaks[p], truth[p].second));
        moved += same(late.peaks[p], early.peaks[p]) ? 0U : 1U;
    }
    CHECK(moved > 20);
}

TEST_CASE("points that are left out show no peak and those of a mean that lost them are fitted again") {
    RunningMap map;
    FakeClock const clock;
    LivePeaks live(clock);
    auto const before = map.tick(live, 40);
    map.reasons[3] = map.reasons[4] = "off_sample"; // 5 % of the mean
    auto const after = map.tick(live, 40);
    CHECK(std::isnan(after.peaks[3].q1));
    CHECK(std::isnan(after.peaks[4].q1));
    CHECK_FALSE(same(after.peaks[0], before.peaks[0]));
    map.reasons[3] = map.reasons[4] = "";
    CHECK(std::isfinite(map.tick(live, 40).peaks[3].q1));
}

TEST_CASE("another background, sample, configuration, bins or scan, and nothing of before is shown") {
    RunningMap const first;
    FakeClock const clock;
    for (int what = 0; what < 5; ++what) {
        CAPTURE(what);
        RunningMap map;
        LivePeaks live(clock);
        map.tick(live, 40);
        if (what == 0) map.basis.background_uid = "air";
        if (what == 1) map.basis.sample.transmission = 0.5;
        if (what == 2) map.basis.config_id = "another";
        if (what == 3) map.basis.bins = std::make_shared<BinMap const>(*map.basis.bins);
        if (what == 4) map.basis.scan_uid = "another";
        auto const outcome = map.tick(live, 40, false);
        CHECK(outcome.peaks.empty());
        CHECK(outcome.waiting == 40);
        CHECK(fitted(map.tick(live, 40)) > 35);
    }
    LivePeaks live(clock);
    first.tick(live, 40);
    CHECK(fitted(first.tick(live, 40, false)) > 35); // the same: what is there is shown
}

TEST_CASE("when an earlier first image turns up, no point has its neighbour's peak") {
    RunningMap map;
    FakeClock const clock;
    LivePeaks live(clock);
    map.tick(live, 39);
    auto scan = map.first(39);
    auto const curves = map.curves(scan);
    for (auto& frame : scan.frames) { // every number is one higher
        auto moved = std::make_shared<FrameCounts>(*frame);
        ++moved->number;
        frame = std::move(moved);
    }
    auto const outcome = live(map.basis, scan.frames, curves, map.config, false);
    CHECK(fitted(outcome) == 0);
    CHECK(outcome.waiting == 39);
}

TEST_CASE("a final has the same bits whether or not peaks were fitted while the map ran") {
    RunningMap map;
    FakeClock const clock;
    map.config.uncertainty.point_peaks = true;
    auto const job = [&](std::size_t count, ResultState state) {
        ReductionJob out;
        out.scan.uid = "uid";
        out.scan.role = Role::sample;
        out.scan.grid = MapGrid{6, 10, {}, false};
        out.state = state;
        out.counts = map.first(count);
        out.frames.used = count;
        out.config = map.config;
        out.map = true;
        out.background_use = BackgroundUse::none;
        return out;
    };
    Reducer with({}, clock), without({}, clock);
    for (std::size_t const count : {15U, 30U, 60U}) {
        auto const partial = with(job(count, ResultState::partial));
        REQUIRE(partial.points);
        CHECK(partial.points->peaks.size() == count);
    }
    auto busy = job(60, ResultState::partial);
    busy.scan.uid = "another";
    busy.extras = false;
    auto const left_out = with(busy);
    CHECK(left_out.points->peaks.empty());
    CHECK(std::ranges::count(left_out.curves.flags, "extras_left_out") == 1);

    auto const a = with(job(60, ResultState::final)), b = without(job(60, ResultState::final));
    REQUIRE(a.points->peaks.size() == points);
    CHECK(a.curves.pattern.intensity == b.curves.pattern.intensity);
    CHECK(a.curves.sq->s == b.curves.sq->s);
    CHECK(a.curves.fsdp->q1 == b.curves.fsdp->q1);
    for (std::size_t p = 0; p < points; ++p) CHECK(same(a.points->peaks[p], b.points->peaks[p]));
    CHECK(a.curves.flags == b.curves.flags);
}
