// Frames joined to one point: sums over a scan do not know of it.
#include "pipeline/reduce/joined_frames.hpp"
#include "pipeline/reduce/selection.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <random>

using namespace sqd;

namespace {

std::shared_ptr<BinMap const> some_bins() {
    auto bins = std::make_shared<BinMap>();
    std::vector<double> edges(13);
    std::iota(edges.begin(), edges.end(), 0.0);
    bins->axis = Axis(edges);
    for (std::size_t b = 0; b < 12; ++b) {
        bins->bin_norm.push_back(3.7 + 0.1 * static_cast<double>(b));
        bins->bin_pixels.push_back(5 + static_cast<std::uint32_t>(b));
    }
    return bins;
}

/// Invalid pixels differ from frame to frame in `few` bins.
FrameCounts frame(BinMap const& bins, std::uint64_t number, std::mt19937& random, std::size_t few = 1) {
    FrameCounts out;
    out.number = number;
    out.exposure_s = 0.1 + 0.01 * static_cast<double>(random() % 7);
    out.monitor = 1 + 1e-3 * static_cast<double>(random() % 1000);
    for (std::size_t b = 0; b < bins.axis.size(); ++b) out.counts.push_back(static_cast<std::uint32_t>(random()));
    for (std::size_t b = 0; b < few; ++b)
        if (random() % 3 == 0) out.deficits.push_back({static_cast<std::uint16_t>(b), 1, 0.3 + 0.01 * static_cast<double>(random() % 9)});
    return out;
}

/// Each `width` of them in turn as one point.
FrameList joined(FrameList const& frames, std::size_t width) {
    FrameList out;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        if (i % width == 0)
            out.push_back(frames[i]);
        else
            out.back() = std::make_shared<FrameCounts const>(join(*out.back(), *frames[i]));
    }
    return out;
}

FrameList many(BinMap const& bins, std::size_t number, std::size_t few = 1) {
    std::mt19937 random(5);
    FrameList out;
    for (std::uint64_t n = 0; n < number; ++n) out.push_back(std::make_shared<FrameCounts const>(frame(bins, n, random, few)));
    return out;
}

} // namespace

TEST_CASE("sums over frames are the same to the last bit however many of them are a point") {
    auto const bins = some_bins();
    auto const frames = many(*bins, 100);
    auto const apart = sum_frames(*bins, frames);
    for (std::size_t const width : {2U, 3U, 8U, 100U}) {
        CAPTURE(width);
        auto const points = joined(frames, width);
        CHECK(points.size() == (100 + width - 1) / width);
        CHECK(frames_in(points) == 100);
        auto const sums = sum_frames(*bins, points);
        CHECK(sums.counts == apart.counts);
        CHECK(sums.norm == apart.norm);
        CHECK(sums.pixels == apart.pixels);
        CHECK(sums.frames == apart.frames);
        CHECK(pixel_seconds(*bins, points) == pixel_seconds(*bins, frames));
        CHECK(exposure_of(points) == exposure_of(frames));
    }
}

TEST_CASE("counts beyond 32 bits are kept") {
    auto const bins = some_bins();
    auto const frames = many(*bins, 9);
    std::uint64_t truth = 0;
    for (auto const& each : frames) truth += each->counts[4];
    REQUIRE(truth > 0xffffffff);
    auto const point = joined(frames, 9).front();
    CHECK(counts_in(*point, 4) == truth);
}

TEST_CASE("a point has the exposure of all its frames and their mean monitor, and none where one of them has none") {
    auto const bins = some_bins();
    auto const frames = many(*bins, 4);
    auto point = *joined(frames, 4).front();
    double seconds = 0, weight = 0;
    for (auto const& each : frames) {
        seconds += each->exposure_s;
        weight += each->exposure_s * each->monitor;
    }
    CHECK(point.number == 0);
    CHECK(point.exposure_s == seconds);
    CHECK(point.exposure_s * point.monitor == doctest::Approx(weight).epsilon(1e-14));
    set_monitors(point, [](std::uint64_t number, double own) { return number == 2 ? 0.0 : own; });
    CHECK(point.monitor == 0);
    CHECK(point.exposure_s == seconds);
    set_monitors(point, [](std::uint64_t, double) { return 1.0; });
    CHECK(point.monitor == 1); // exactly: nobody told one
}

TEST_CASE("a bin whose pixels are invalid in all frames of a point has no norm there, exactly") {
    auto const bins = some_bins();
    std::mt19937 random(7);
    FrameCounts point;
    for (std::uint64_t n = 0; n < 11; ++n) {
        auto each = frame(*bins, n, random, 3);
        each.deficits.push_back({8, static_cast<double>(bins->bin_pixels[8]), bins->bin_norm[8]});
        point = n == 0 ? each : join(point, each);
    }
    REQUIRE(point.deficit_lists.size() > 1);
    REQUIRE(point.deficits.back().bin == 8);
    CHECK(bins->bin_norm[8] - point.deficits.back().norm == 0);
    CHECK(bins->bin_pixels[8] - point.deficits.back().pixels == 0);
}

TEST_CASE("what is kept of invalid pixels has a bound, and beyond it sums of norm are right to rounding") {
    auto const bins = some_bins();
    auto frames = many(*bins, 400, 12);
    for (auto& each : frames) {
        auto steady = *each;
        steady.monitor = 2;
        each = std::make_shared<FrameCounts const>(steady);
    }
    auto const points = joined(frames, 400);
    std::size_t entries = 0;
    for (auto const& list : points.front()->deficit_lists) entries += list.size();
    CHECK(entries <= 2 * bins->axis.size());
    auto const sums = sum_frames(*bins, points), apart = sum_frames(*bins, frames);
    CHECK(sums.counts == apart.counts);
    auto const seconds = pixel_seconds(*bins, points), seconds_apart = pixel_seconds(*bins, frames);
    for (std::size_t b = 0; b < bins->axis.size(); ++b) {
        CHECK(sums.norm[b] == doctest::Approx(apart.norm[b]).epsilon(1e-13));
        CHECK(seconds[b] == doctest::Approx(seconds_apart[b]).epsilon(1e-13));
    }
}

TEST_CASE("pixels that are invalid in the same way all the time cost a point no more than one frame") {
    auto const bins = some_bins();
    std::mt19937 random(3);
    FrameCounts point;
    for (std::uint64_t n = 0; n < 500; ++n) {
        auto each = frame(*bins, n, random, 0);
        each.deficits = {{1, 1, 0.3}, {4, 2, 0.5}};
        point = n == 0 ? each : join(point, each);
    }
    CHECK(point.deficit_lists == std::vector<std::vector<BinDeficit>>{{{1, 1, 0.3}, {4, 2, 0.5}}});
    CHECK(point.deficits == point.deficit_lists.front());
}

TEST_CASE("a rejected point is listed frame by frame") {
    auto const bins = some_bins();
    auto points = joined(many(*bins, 12, 0), 3);
    auto dark = *points[2];
    set_monitors(dark, [](std::uint64_t number, double own) { return number == 7 ? 0.0 : own; });
    points[2] = std::make_shared<FrameCounts const>(dark);
    SelectionConfig config;
    config.off_sample = config.odd_points = false;
    auto const selection = select_points({bins, points}, config, nullptr);
    CHECK(selection.kept.size() == 3);
    std::vector<std::uint64_t> numbers;
    for (auto const& each : selection.rejected) {
        CHECK(each.reason == "no_monitor");
        numbers.push_back(each.number);
    }
    CHECK(numbers == std::vector<std::uint64_t>{6, 7, 8});
}

TEST_CASE("points that cannot be are told") {
    auto const bins = some_bins();
    auto const good = *joined(many(*bins, 4), 4).front();
    CHECK(consistent(good, 12));
    CHECK(consistent(*many(*bins, 1).front(), 12));
    CHECK_FALSE(consistent(good, 11));
    auto bad = good;
    std::swap(bad.joined[0], bad.joined[1]);
    CHECK_FALSE(consistent(bad, 12));
    bad = good;
    bad.joined[3].deficits = static_cast<std::uint32_t>(bad.deficit_lists.size() + 1);
    CHECK_FALSE(consistent(bad, 12));
    bad = good;
    bad.carries.resize(3);
    CHECK_FALSE(consistent(bad, 12));
    bad = good;
    bad.joined.resize(1);
    CHECK_FALSE(consistent(bad, 12));
    bad = good;
    bad.deficit_lists.push_back({{12, 1, 1}});
    CHECK_FALSE(consistent(bad, 12));
}
