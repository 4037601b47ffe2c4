// Every way a series can begin, go on, go wrong and end.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a complete series ends in one final with all frames") {
    Bench bench;
    bench.start(1, 20);
    for (std::uint64_t n = 0; n < 20; ++n) bench.frame(1, n);
    bench.end(1);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 20);
    CHECK(bench.last().frames.missing == 0);
    CHECK(total_counts(bench.last()) == 20 * rows * cols);
    REQUIRE(bench.notices.size() == 2);
    CHECK(bench.notices[0].what == SeriesNotice::What::start);
    CHECK(bench.notices[1].what == SeriesNotice::What::end);
}

TEST_CASE("order does not matter") {
    Bench forward, backward;
    for (Bench* bench : {&forward, &backward}) bench->start(1, 5);
    for (std::uint64_t n = 0; n < 5; ++n) {
        forward.frame(1, n, static_cast<std::uint32_t>(n));
        backward.frame(1, 4 - n, static_cast<std::uint32_t>(4 - n));
    }
    CHECK(total_counts(forward.last()) == total_counts(backward.last()));
    CHECK(backward.last().frames.used == 5);
}

TEST_CASE("a missing end is survived: by the next start") {
    Bench bench;
    bench.start(1, 10);
    for (std::uint64_t n = 0; n < 9; ++n) bench.frame(1, n);
    bench.start(2, 10);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.missing == 1);
    CHECK(has_flag(bench.last(), "ended_by_next_start"));
    CHECK(bench.alarmed("frames_missing"));
}

TEST_CASE("a missing end is survived: by silence, not before") {
    Bench bench;
    bench.start(1, 10);
    bench.frame(1, 0);
    bench.clock.advance(9);
    bench.processor.tick();
    CHECK(std::none_of(bench.jobs.begin(), bench.jobs.end(), [](auto const& j) { return j.state != ResultState::partial; }));
    bench.clock.advance(2);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(has_flag(bench.last(), "ended_by_silence"));
}

TEST_CASE("an announced count ends a series whose header promises more, after a pause") {
    Bench bench;
    bench.start(1, 100000, R"({"points":4})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(1, n);
    bench.processor.tick();
    CHECK(bench.jobs.empty());
    bench.clock.advance(1.5);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.expected == 4);
}

TEST_CASE("an orderly end of a free-running series leaves nothing missing") {
    Bench bench;
    bench.start(1, 100000);
    for (std::uint64_t n = 0; n < 7; ++n) bench.frame(1, n);
    bench.end(1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.expected == 7);
}

TEST_CASE("an end before the announced count is an abort with the missing frames named") {
    Bench bench;
    bench.start(1, 10, R"({"points":10})");
    for (std::uint64_t n : {0U, 1U, 3U}) bench.frame(1, n);
    bench.end(1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.missing == 7);
    REQUIRE(bench.last().frames.missing_ranges.size() == 2);
    CHECK(bench.last().frames.missing_ranges[0] == std::pair<std::uint64_t, std::uint64_t>{2, 2});
}

TEST_CASE("a missed start is adopted from the first image and flagged") {
    Bench bench;
    bench.frame(5, 3);
    bench.frame(5, 4);
    bench.end(5);
    CHECK(has_flag(bench.last(), "start_missed"));
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().frames.missing == 3);
}

TEST_CASE("duplicates and late images are counted and add nothing") {
    Bench bench;
    bench.start(1, 3);
    bench.frame(1, 0);
    bench.frame(1, 0, 99);
    bench.frame(1, 1);
    bench.frame(1, 2);
    bench.frame(1, 1, 99);
    CHECK(total_counts(bench.last()) == 3 * rows * cols);
    CHECK(bench.counters.frames_duplicate == 1);
    CHECK(bench.counters.frames_late == 1);
    CHECK(bench.jobs.size() == 1);
}

TEST_CASE("the end of another series does not end this one") {
    Bench bench;
    bench.start(2, 10);
    bench.frame(2, 0);
    bench.end(1);
    CHECK(bench.jobs.empty());
    CHECK(bench.processor.progress().running);
}

TEST_CASE("a frame that breaks in any tile leaves nothing in the sums") {
    for (std::size_t tile = 0; tile < 2; ++tile) {
        Bench bench;
        bench.start(1, 6);
        for (std::uint64_t n = 0; n < 6; ++n) bench.frame(1, n, 1, n == 2 ? std::optional(tile) : std::nullopt);
        CHECK(bench.last().frames.used == 5);
        CHECK(bench.last().frames.rejected_by.at("decode") == 1);
        CHECK(total_counts(bench.last()) == 5 * rows * cols);
        REQUIRE(bench.last().rejected.size() == 1);
        CHECK(bench.last().rejected[0].number == 2);
        CHECK(bench.alarmed("rejected_decode"));
    }
}

TEST_CASE("an image of another shape is rejected, the others count") {
    Bench bench;
    bench.start(1, 2);
    bench.image(1, 0, Image<std::uint32_t>(cols, rows / 2, 1));
    bench.frame(1, 1);
    CHECK(bench.last().frames.rejected_by.at("shape") == 1);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("partials come at the configured pace while frames come, and not otherwise") {
    Bench bench;
    bench.start(1, 100);
    for (std::uint64_t n = 0; n < 50; ++n) {
        bench.frame(1, n);
        bench.clock.advance(0.1);
        bench.processor.tick();
    }
    std::size_t const partials = bench.jobs.size();
    CHECK(partials >= 9);
    CHECK(partials <= 10);
    for (int i = 0; i < 50; ++i) {
        bench.clock.advance(0.1);
        bench.processor.tick();
    }
    CHECK(bench.jobs.size() <= partials + 1);
    std::uint64_t previous = 0;
    for (auto const& job : bench.jobs) {
        CHECK(job.result > previous);
        previous = job.result;
        CHECK(job.frames.received == job.frames.used + job.frames.rejected + job.frames.duplicate);
        CHECK(job.frames.expected == job.frames.used + job.frames.rejected + job.frames.missing + job.frames.pending);
    }
}

TEST_CASE("a frame lost to overload is rejected with that reason") {
    Bench bench;
    bench.start(1, 2);
    bench.frame(1, 0);
    bench.processor.on(LostFrame{{1, ""}, 1});
    bench.end(1);
    CHECK(bench.last().frames.rejected_by.at("overload") == 1);
    CHECK(bench.alarmed("overload"));
}

TEST_CASE("a bad message raises an alarm once and the stream goes on") {
    Bench bench;
    bench.start(1, 1);
    for (int i = 0; i < 3; ++i) bench.processor.on(BadMessage{DecodeFault::malformed, "not JSON"});
    CHECK(bench.alarmed("bad_message_malformed"));
    CHECK(bench.alarms.current().front().count == 3);
    bench.frame(1, 0);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("a stopped service finishes what runs as it stands") {
    Bench bench;
    bench.start(1, 10);
    bench.frame(1, 0);
    bench.processor.finish("shutdown");
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(has_flag(bench.last(), "ended_by_shutdown"));
}

TEST_CASE("a detector that is armed and waits for its trigger is not silent") {
    Bench bench;
    bench.start(1, 2);
    bench.clock.advance(100);
    bench.processor.tick();
    CHECK(bench.processor.progress().running);
    bench.frame(1, 0);
    bench.frame(1, 1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("long exposures are no silence, and a series that goes on after one is reduced, too") {
    Bench bench;
    SeriesStart header = header_of(1, 3);
    header.count_time_s = 60;
    header.frame_time_s = 60;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.clock.advance(70);
    bench.processor.tick();
    CHECK(bench.processor.progress().running);
    bench.clock.advance(200);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::aborted);
    bench.frame(1, 1);
    bench.frame(1, 2);
    bench.end(1);
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().counts.frames[0]->exposure_s == 60); // its header is remembered
    CHECK(bench.counters.frames_late == 0);
}

TEST_CASE("one stray frame of another series does not end the running one, a second one does") {
    Bench bench;
    bench.start(1, 4);
    bench.frame(1, 0);
    bench.frame(99, 0);
    bench.frame(1, 1);
    CHECK(bench.jobs.empty());
    bench.frame(2, 0);
    bench.frame(2, 1);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().frames.used == 2);
    bench.end(2);
    CHECK(bench.last().scan.series_id == 2);
    CHECK(bench.last().frames.used == 2); // the one that waited is in it
    CHECK(bench.counters.frames_late == 1);
}

TEST_CASE("a frame that overtakes its own start is kept") {
    Bench bench;
    bench.start(1, 2);
    bench.frame(1, 0);
    bench.frame(2, 0);
    bench.start(2, 2);
    bench.frame(2, 1);
    CHECK(bench.last().scan.series_id == 2);
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("an empty series gives its announcement back and makes no result") {
    Bench bench;
    bench.announcements.place(parse_announcement(R"({"role":"background","name":"air"})", true));
    bench.start(1, 10);
    bench.end(1);
    CHECK(bench.jobs.empty());
    CHECK(bench.notices.back().what == SeriesNotice::What::end);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().scan.role == Role::background);
}
