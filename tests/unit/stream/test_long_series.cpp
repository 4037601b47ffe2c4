// A series with more frames than points are kept: what comes out is what comes out where every frame is a point.
#include "tests/support/resume_bench.hpp"

#include <spdlog/fmt/fmt.h>

using namespace sqd;
using namespace sqd::test;

namespace {

ProcessorConfig with_points(std::size_t most) {
    auto config = with_checkpoints();
    config.max_points = most;
    config.reduction.selection.odd_points = false; // what is judged point by point is another matter
    return config;
}

/// Gaps, doubles, late ones and broken ones among 150 numbers. Every frame has a monitor of its own, those for which `dark` holds 0.
void play_badly(
    Bench& bench, std::uint64_t series = 1, bool (*dark)(std::uint64_t) = [](std::uint64_t) { return false; }) {
    auto const send = [&](std::uint64_t number, Image<std::uint32_t> const& pixels, bool broken) {
        Frame frame = memory_frame(pixels, number,
                                   std::make_shared<MemoryTiles>(pixels, Lane::u8, broken ? std::optional<std::size_t>(1) : std::nullopt));
        frame.series = {series, ""};
        frame.monitor = dark(number) ? 0 : 1 + 0.1 * static_cast<double>(number % 7);
        frame.exposure_s = 0.1 + 0.01 * static_cast<double>(number % 5);
        bench.processor.on(std::move(frame));
    };
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = 0; n < 150; ++n)
        if (n % 10 != 4 && (n < 60 || n > 71)) numbers.push_back(n);
    for (std::size_t i = 0; i + 5 < numbers.size(); i += 6) std::swap(numbers[i], numbers[i + 5]);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::uint64_t const n = numbers[i];
        send(n, image_of(n), n % 11 == 10);
        if (i % 9 == 8) send(numbers[i - 4], image_of(n), false); // its number came before
    }
}

ReducedResult reduced(Bench const& bench) {
    Reducer reduce({"small", {}}, bench.clock);
    return reduce(bench.last());
}

bool has_flag(ReducedResult const& result, std::string const& flag) {
    return std::ranges::find(result.curves.flags, flag) != result.curves.flags.end();
}

void check_same_curves(ReducedResult const& a, ReducedResult const& b) {
    CHECK(a.curves.pattern.intensity == b.curves.pattern.intensity);
    CHECK(a.curves.pattern.sigma == b.curves.pattern.sigma);
    CHECK(a.curves.pattern.counts == b.curves.pattern.counts);
    CHECK(a.curves.pattern.norm == b.curves.pattern.norm);
    CHECK(a.curves.pattern.pixels == b.curves.pattern.pixels);
}

void check_same_frames(FrameAccounting const& a, FrameAccounting const& b) {
    CHECK(a.expected == b.expected);
    CHECK(a.received == b.received);
    CHECK(a.used == b.used);
    CHECK(a.rejected_by == b.rejected_by);
    CHECK(a.missing_ranges == b.missing_ranges);
    CHECK(a.duplicate == b.duplicate);
}

} // namespace

TEST_CASE("a series longer than its points has the sums, curves and account of one that is not, to the last bit") {
    for (std::string const appendix : {R"({"name":"glass"})", R"({"name":"glass","monitor":3,"attenuation":0.1})", R"({"role":"dark"})"}) {
        CAPTURE(appendix);
        Bench whole(with_points(1000));
        whole.start(1, 150, appendix);
        play_badly(whole);
        whole.end(1);
        auto const truth = reduced(whole);
        REQUIRE(truth.frames.used == 113);
        CHECK(whole.last().frames.per_point == 1);
        for (std::size_t const most : {1U, 2U, 7U, 30U, 112U}) {
            CAPTURE(most);
            Bench bench(with_points(most));
            bench.start(1, 150, appendix);
            play_badly(bench);
            bench.end(1);
            CHECK(bench.last().counts.frames.size() <= most);
            CHECK(bench.last().pixel_sum->counts == whole.last().pixel_sum->counts);
            CHECK(bench.last().pixel_sum->weight == whole.last().pixel_sum->weight);
            CHECK(bench.last().pixel_sum->exposure_s == whole.last().pixel_sum->exposure_s);
            CHECK(total_counts(bench.last()) == total_counts(whole.last()));
            auto const result = reduced(bench);
            check_same_curves(result, truth);
            check_same_frames(result.frames, truth.frames);
            CHECK(result.frames.per_point == bench.last().frames.per_point);
            CHECK(result.frames.per_point > 1);
            CHECK(has_flag(result, fmt::format("frames_per_point:{}", result.frames.per_point)));
        }
    }
}

TEST_CASE("a series with no more frames than points is none of this") {
    Bench bench(with_points(113)), whole(with_points(1000));
    for (Bench* each : {&bench, &whole}) {
        each->start(1, 150);
        play_badly(*each);
        each->end(1);
    }
    CHECK(bench.last().frames.per_point == 1);
    CHECK(bench.last().flags == whole.last().flags);
    REQUIRE(bench.last().counts.frames.size() == 113);
    for (std::size_t i = 0; i < 113; ++i) {
        CHECK(bench.last().counts.frames[i]->number == whole.last().counts.frames[i]->number); // as they came
        CHECK(bench.last().counts.frames[i]->joined.empty());
    }
    auto const points = reduced(bench).points;
    CHECK(points->frames.empty());
    CHECK(points->frame_numbers.empty());
}

TEST_CASE("a frame without monitor takes those of its point along, and no others") {
    auto config = with_points(20);
    config.reduction.watch.hot_pixels = false; // what they count in frames that were rejected is estimated, point by point
    Bench bench(config);
    bench.start(1, 150);
    play_badly(bench, 1, [](std::uint64_t n) { return n == 37; });
    bench.end(1);
    auto const window = bench.last().frames.per_point;
    REQUIRE(window == 8);
    auto const result = reduced(bench);
    std::vector<std::uint64_t> gone;
    for (auto const& frame : result.curves.rejected)
        if (frame.reason == "no_monitor") gone.push_back(frame.number);
    CHECK(gone == std::vector<std::uint64_t>{33, 35, 36, 37, 38, 39}); // 34 is missing, 32 broken
    CHECK(result.frames.rejected_by.at("no_monitor") == gone.size());
    CHECK(result.frames.used == 113 - gone.size());

    // Where every frame is a point: as if none of these had one.
    config.max_points = 1000;
    Bench whole(config);
    whole.start(1, 150);
    play_badly(whole, 1, [](std::uint64_t n) { return n / 8 == 37 / 8; });
    whole.end(1);
    check_same_curves(result, reduced(whole));
}

TEST_CASE("a map longer than its points: what stands beside the sample goes with all its frames, and maps show every place") {
    auto config = with_points(100);
    config.reduction.selection.odd_points = true;
    auto const play_map = [](Bench& bench) {
        bench.start(1, 400, R"({"grid":[20,20]})");
        for (std::uint64_t n = 0; n < 400; ++n) bench.frame(1, n, n % 20 < 8 ? 1 : 20); // windows of 4 lie on either side
        bench.end(1);
    };
    Bench bench(config), whole(with_points(1000));
    play_map(bench);
    play_map(whole);
    auto const result = reduced(bench), truth = reduced(whole);
    CHECK(result.frames.per_point == 4);
    CHECK(result.frames.rejected_by == truth.frames.rejected_by);
    CHECK(result.frames.rejected_by.at("off_sample") == 160);
    check_same_curves(result, truth);
    PointTable const& points = *result.points;
    REQUIRE(points.number.size() == 100);
    CHECK(points.frames == std::vector<std::uint64_t>(100, 4));
    std::vector<std::uint64_t> all(400);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    CHECK(points.frame_numbers == all);
    std::vector<double> used;
    for (auto const& reason : points.reason) used.push_back(reason.empty() ? 1 : 0);
    auto const map = on_grid(points, {20, 20, {}, false}, used);
    for (std::size_t i = 0; i < map.size(); ++i) CHECK(map.pixels[i] == (i % 20 < 8 ? 0 : 1));
}

TEST_CASE("several series of a begun scan share its points") {
    Bench bench(with_points(5)), whole(with_points(1000));
    for (Bench* each : {&bench, &whole}) {
        each->processor.obey({ScanOrder::What::begin, {"uid", {}}});
        for (std::uint64_t const series : {1U, 2U, 3U}) {
            each->start(series, 150);
            play_badly(*each, series);
            each->end(series);
        }
        each->processor.obey({ScanOrder::What::end});
    }
    auto const result = reduced(bench), truth = reduced(whole);
    CHECK(result.frames.used == 3 * 113);
    check_same_curves(result, truth);
    check_same_frames(result.frames, truth.frames);
}

TEST_CASE("a lower first number than those before moves windows, too") {
    Bench bench(with_points(4)), whole(with_points(1000));
    for (Bench* each : {&bench, &whole}) {
        SeriesStart header = header_of(1);
        header.first_image.reset();
        each->processor.on(header);
        for (std::uint64_t n = 13; n < 50; ++n) each->image(1, n, image_of(n));
        for (std::uint64_t const n : {11U, 12U, 10U}) each->image(1, n, image_of(n));
        each->end(1);
    }
    CHECK(bench.last().counts.frames.front()->number == 0);
    auto const result = reduced(bench), truth = reduced(whole);
    check_same_curves(result, truth);
    check_same_frames(result.frames, truth.frames);
    CHECK(result.points->frame_numbers.size() == 40);
}
