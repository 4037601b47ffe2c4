// What end, abort and reset do to any scan, and what outlives a series.
#include "tests/support/scan_bench.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("end makes a final of any scan as it stands; what still comes is late") {
    Bench bench;
    ScanAnnouncement said;
    said.points = 10;
    bench.announcements.place(said);
    bench.start(1, 10);
    send(bench, 1, {0, 1, 3});
    bench.processor.obey({What::end});
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 3);
    CHECK(bench.last().frames.expected == 4);
    CHECK(bench.last().frames.missing == 1);
    CHECK(has_flag(bench.last(), "ended_by_command"));
    bench.frame(1, 4);
    bench.frame(1, 5);
    bench.end(1);
    CHECK(bench.counters.frames_late == 2);
    CHECK(finals(bench).size() == 1);
    CHECK_FALSE(bench.processor.progress().running);
}

TEST_CASE("abort ends any scan as aborted; what still comes is late, also where series have no names") {
    for (bool const named : {true, false}) {
        CAPTURE(named);
        Bench bench;
        bench.start(1, 10);
        auto const one = [&](std::uint64_t series, std::uint64_t number) {
            Image<std::uint32_t> const pixels(rows, cols, 1);
            Frame frame = memory_frame(pixels, number, std::make_shared<MemoryTiles>(pixels, Lane::u8));
            frame.series = {series, ""};
            frame.series_named = named;
            bench.processor.on(std::move(frame));
        };
        one(1, 0);
        one(1, 1);
        bench.processor.obey({What::abort});
        CHECK(bench.last().state == ResultState::aborted);
        CHECK(has_flag(bench.last(), "ended_by_abort"));
        CHECK(bench.last().frames.missing == 8);
        one(1, 2);
        one(1, 3);
        CHECK(bench.counters.frames_late == 2);
        CHECK_FALSE(bench.processor.progress().running);
        bench.start(2, 2); // the next one is as ever
        one(2, 0);
        one(2, 1);
        CHECK(finals(bench).size() == 2);
        CHECK(bench.last().state == ResultState::final);
    }
}

TEST_CASE("abort closes a begun scan with all its series") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 2);
    bench.processor.obey({What::abort});
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.processor.progress().open_scan.empty());
    play(bench, 2, 2);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().scan.uid != "uid-glass");
}

TEST_CASE("a stopped service finishes an open scan as it stands") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 2);
    bench.processor.finish("shutdown");
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("a fault outlives its series, until a good one or reset") {
    Bench bench;
    bench.processor.on(bad_header(1));
    bench.end(1);
    CHECK_FALSE(bench.processor.progress().running);
    CHECK(bench.processor.progress().refused.find("energy") != std::string::npos);
    play(bench, 2, 1);
    CHECK(bench.processor.progress().refused.empty());
    bench.processor.on(bad_header(3));
    bench.frame(3, 0);
    bench.processor.obey({What::reset}); // in the middle of it
    CHECK_FALSE(bench.processor.progress().running);
    CHECK(bench.processor.progress().refused.empty());
    CHECK(bench.last().state == ResultState::aborted);
    bench.frame(3, 1);
    CHECK(bench.counters.frames_late == 1);
    auto const alarms = bench.alarms.current();
    auto const refused = std::ranges::find(alarms, "refused", &Alarm::name);
    REQUIRE(refused != alarms.end());
    CHECK_FALSE(refused->active);
}

TEST_CASE("reset does nothing to a series that is well") {
    Bench bench;
    bench.start(1, 4);
    bench.frame(1, 0);
    bench.processor.obey({What::reset});
    CHECK(bench.processor.progress().running);
}

TEST_CASE("alarms of one series are over when the next one starts, and listed until somebody takes note") {
    Bench bench;
    bench.start(1, 3);
    bench.frame(1, 0);
    bench.frame(1, 2);
    bench.end(1);
    REQUIRE(bench.alarmed("frames_missing"));
    CHECK(bench.alarms.current().front().active);
    bench.start(2, 3);
    CHECK_FALSE(bench.alarms.current().front().active);
}

TEST_CASE("the next series starts while the last is still being reduced: both finals are what they are alone") {
    Bench bench;
    std::uint32_t const value_of[] = {0, 3, 7};
    for (std::uint64_t const series : {1U, 2U}) play(bench, series, 17, value_of[series]);
    auto const jobs = finals(bench); // neither has been reduced when the second is complete
    REQUIRE(jobs.size() == 2);
    Reducer reducer({}, bench.clock);
    for (std::size_t const i : {0U, 1U}) {
        Bench alone;
        play(alone, i + 1, 17, value_of[i + 1]);
        Reducer fresh({}, alone.clock);
        auto const late = reducer(jobs[i]), prompt = fresh(alone.last());
        CHECK(late.frames.used == 17);
        CHECK(late.curves.pattern.intensity == prompt.curves.pattern.intensity);
        CHECK(late.curves.pattern.sigma == prompt.curves.pattern.sigma);
        CHECK(jobs[i].pixel_sum->counts == alone.last().pixel_sum->counts);
    }
}
