// Frames whose format says little of their series, and images of floating-point pixels.
#include "tests/support/series_bench.hpp"

#include <cmath>
#include <limits>

using namespace sqd;
using namespace sqd::test;

namespace {

/// As a stream without series names gives it: the decoder counts the series.
Frame unnamed(std::uint64_t series, std::uint64_t number, bool has_starts = false) {
    Frame frame = memory_frame(Image<std::uint32_t>(rows, cols, 1), number);
    frame.series = {series, ""};
    frame.series_named = false;
    frame.has_starts = has_starts;
    frame.received_ns = 1;
    return frame;
}

} // namespace

TEST_CASE("a format without starts is not blamed for a missing one, and counts from the image that comes first") {
    Bench bench;
    for (std::uint64_t n = 5000; n < 5004; ++n) bench.processor.on(unnamed(1, n));
    bench.clock.advance(11);
    bench.processor.tick();
    CHECK(bench.last().frames.used == 4);
    CHECK(bench.last().frames.missing == 0);
    CHECK_FALSE(has_flag(bench.last(), "start_missed"));
    CHECK(bench.last().counts.frames.front()->number == 0);
}

TEST_CASE("the first image of a series without a start may be late: the places of the others move up") {
    Bench bench;
    for (std::uint64_t const n : {3u, 2u, 0u, 5u, 4u}) bench.processor.on(unnamed(1, n));
    bench.clock.advance(0.6);
    bench.processor.tick(); // some are in the sums, others follow
    for (std::uint64_t const n : {1u, 6u, 7u}) bench.processor.on(unnamed(1, n));
    bench.processor.finish("end");
    CHECK(bench.last().frames.used == 8);
    CHECK(bench.last().frames.missing == 0);
    std::vector<std::uint64_t> places;
    for (auto const& frame : bench.last().counts.frames) places.push_back(frame->number);
    CHECK(places == std::vector<std::uint64_t>{3, 2, 0, 5, 4, 1, 6, 7});
}

TEST_CASE("an earlier first image moves what is in the sums, in the books and in hand, and no result that is out") {
    Bench bench;
    bench.processor.on(unnamed(1, 12));
    Frame wrong = unnamed(1, 13);
    wrong.rows += 1;
    bench.processor.on(std::move(wrong));
    bench.clock.advance(5);
    bench.processor.tick();
    REQUIRE(bench.last().counts.frames.size() == 1);
    auto const before = bench.last();
    bench.processor.on(unnamed(1, 15));
    bench.processor.on(unnamed(1, 10));
    bench.processor.finish("end");
    CHECK(before.counts.frames.front()->number == 0);
    CHECK(bench.last().counts.frames.front()->number == 2);
    CHECK(bench.last().rejected.front().number == 3);
    CHECK(bench.last().frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 1}, {4, 4}});
}

TEST_CASE("a lost start is said where the format has starts") {
    Bench bench;
    bench.processor.on(unnamed(1, 7, true));
    bench.processor.finish("shutdown");
    CHECK(has_flag(bench.last(), "start_missed"));
}

TEST_CASE("a count that begins anew ends the series before at once, even for a single image") {
    Bench bench;
    for (std::uint64_t n = 0; n < 3; ++n) bench.processor.on(unnamed(1, n));
    bench.processor.on(unnamed(2, 0));
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().frames.used == 3);
    CHECK(has_flag(bench.last(), "ended_by_next_start"));
    bench.processor.finish("silence");
    CHECK(bench.last().scan.series_id == 2);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("after the announced count a free-running counter goes on as the next scan, nothing is lost") {
    Bench bench;
    bench.announcements.place(parse_announcement(R"({"points":3,"name":"first"})", true));
    for (std::uint64_t n = 100; n < 103; ++n) bench.processor.on(unnamed(1, n));
    bench.clock.advance(1.5);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().scan.id == "first");
    CHECK(bench.last().frames.used == 3);
    for (std::uint64_t n = 103; n < 105; ++n) bench.processor.on(unnamed(1, n));
    bench.clock.advance(11);
    bench.processor.tick();
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().frames.missing == 0);
    CHECK(bench.counters.frames_late == 0);
}

TEST_CASE("a header that says where counting begins is believed: what is before it is missing") {
    Bench bench;
    SeriesStart header = header_of(3);
    header.first_image = 8;
    bench.processor.on(header);
    bench.frame(3, 10);
    bench.frame(3, 9);
    bench.frame(3, 7); // before the first: beyond belief
    bench.end(3);
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().frames.missing == 1);
    CHECK(bench.last().frames.missing_ranges.front() == std::pair<std::uint64_t, std::uint64_t>{0, 0});
    CHECK(bench.alarmed("frame_number"));
}

TEST_CASE("what an image says of its series is used where the start said nothing") {
    Bench bench;
    auto about = std::make_shared<SeriesStart>(header_of(0));
    about->threshold_keV = 7.5;
    about->count_time_s = 60;
    Frame frame = unnamed(1, 0);
    frame.about = about;
    SUBCASE("a series without a start") {}
    SUBCASE("a start of one line") {
        SeriesStart start;
        start.series = {1, ""};
        bench.processor.on(start);
    }
    bench.processor.on(std::move(frame));
    bench.processor.finish("end");
    CHECK(bench.last().config.threshold_keV == 7.5);
    CHECK(bench.last().counts.frames.front()->exposure_s == 60);
}

TEST_CASE("an image that contradicts the configuration is refused with both values, like a header") {
    Bench bench;
    auto about = std::make_shared<SeriesStart>(header_of(0));
    about->wavelength_A = 0.5;
    Frame frame = unnamed(1, 0);
    frame.about = about;
    bench.processor.on(std::move(frame));
    bench.processor.finish("end");
    CHECK(bench.alarmed("refused"));
    CHECK(bench.last().frames.rejected_by.at("refused") == 1);
}

TEST_CASE("a detector that neither applies its pixel mask nor sends it is flagged") {
    Bench bench;
    SeriesStart header = header_of(1);
    header.pixel_mask_applied = false;
    SUBCASE("not sent") {}
    SUBCASE("sent") {
        header.pixel_mask = std::make_shared<std::vector<std::uint32_t> const>(rows * cols, 0);
    }
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.end(1);
    CHECK(has_flag(bench.last(), "pixel_mask_unknown") == !header.pixel_mask);
    CHECK(bench.alarmed("pixel_mask") == !header.pixel_mask);
}

TEST_CASE("who knows the detectors says what is wrong with a shape") {
    auto config = small_config();
    config.detector_disagreement = [](SeriesStart const& said) -> std::optional<std::string> {
        return said.rows == 1062 ? std::optional<std::string>("1062 x 1028 pixels (that is Eiger2_1M, not Eiger1M)") : std::nullopt;
    };
    Bench bench(config);
    SeriesStart header = header_of(1);
    header.rows = 1062;
    header.cols = 1028;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.end(1);
    CHECK(bench.last().frames.rejected_by.at("refused") == 1);
    CHECK(bench.processor.progress().refused.find("Eiger2_1M") != std::string::npos); // until a good one
    CHECK(bench.alarms.current().front().message.find("Eiger2_1M") != std::string::npos);
}

TEST_CASE("images of floating-point pixels are summed in double, each with its exposure") {
    Bench bench;
    bench.start(1, 3);
    for (std::uint64_t n = 0; n < 3; ++n) bench.processor.on(float_frame(n, 0.1 * static_cast<double>(n + 1)));
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 3);
    CHECK(has_flag(bench.last(), "float_images"));
    REQUIRE(bench.last().float_sums);
    auto const& sums = *bench.last().float_sums;
    auto const& bins = *bench.last().counts.bins;
    for (std::size_t b = 0; b < sums.counts.size(); ++b) {
        CHECK(sums.counts[b] == doctest::Approx(bins.bin_pixels[b] * (0.1 + 0.2 + 0.3)).epsilon(1e-12));
        CHECK(sums.norm[b] == doctest::Approx(1.5 * bins.bin_norm[b]).epsilon(1e-6));
    }
}

TEST_CASE("a pixel that is no number in one floating-point image takes no part in the series") {
    Bench bench;
    bench.start(1);
    bench.processor.on(float_frame(0, 1));
    FloatFrame second = float_frame(1, 1);
    second.pixels.pixels[100] = std::numeric_limits<double>::quiet_NaN();
    bench.processor.on(std::move(second));
    bench.end(1);
    REQUIRE(bench.last().float_sums);
    double pixels = 0, counts = 0;
    for (double const n : bench.last().float_sums->pixels) pixels += n;
    for (double const n : bench.last().float_sums->counts) counts += n;
    auto const& bins = *bench.last().counts.bins;
    double expected = 0;
    for (auto const n : bins.bin_pixels) expected += n;
    CHECK(pixels == expected - 1);
    CHECK(counts == 2 * (expected - 1));
}

TEST_CASE("integers and floating-point numbers do not mix in one series: what came first stays") {
    Bench bench;
    bench.start(1);
    bench.frame(1, 0);
    bench.processor.on(float_frame(1, 1));
    bench.end(1);
    CHECK(bench.last().frames.used == 1);
    CHECK(bench.last().frames.rejected_by.at("mixed_pixel_types") == 1);
    CHECK_FALSE(bench.last().float_sums);
}

TEST_CASE("the end of all input ends what runs as it stands") {
    Bench bench;
    bench.start(1, 10);
    bench.frame(1, 0);
    bench.processor.on(EndOfInput{});
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(has_flag(bench.last(), "ended_by_end_of_input"));
    CHECK(bench.last().frames.missing == 9);
}
