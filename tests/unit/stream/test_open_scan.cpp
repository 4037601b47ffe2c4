// The series of a scan that control begins: one account, one sum.
#include "tests/support/scan_bench.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("the series of a begun scan are one: frames follow on, the sum is that of one long series, the final comes with end") {
    Bench open;
    open.processor.obey(begin());
    play(open, 1, 5);
    play(open, 2, 3, 2);
    play(open, 3, 20, 3);
    CHECK(finals(open).empty());
    open.processor.obey({What::end});
    REQUIRE(finals(open).size() == 1);
    ReductionJob const& job = open.last();
    CHECK(job.state == ResultState::final);
    CHECK(job.scan.uid == "uid-glass");
    CHECK(job.scan.id == "glass");
    CHECK(job.scan.series_id == 1);
    CHECK(numbers(job) == up_to(28));
    CHECK(job.frames.used == 28);
    CHECK(job.frames.expected == 28);
    CHECK(job.frames.missing == 0);
    check_books(job.frames);
    CHECK(has_flag(job, "series_in_scan:3"));
    CHECK_FALSE(has_flag(job, "ended_by_command"));
    CHECK(events(open) == std::vector<std::string>{"start", "left", "joined", "left", "joined", "left", "end"});

    Bench single;
    single.start(1, 28);
    for (std::uint64_t i = 0; i < 28; ++i) single.frame(1, i, i < 5 ? 1 : i < 8 ? 2 : 3);
    ReductionJob const& other = single.last();
    REQUIRE(other.counts.frames.size() == job.counts.frames.size());
    for (std::size_t i = 0; i < other.counts.frames.size(); ++i) CHECK(other.counts.frames[i]->counts == job.counts.frames[i]->counts);
    REQUIRE(job.pixel_sum);
    CHECK(other.pixel_sum->counts == job.pixel_sum->counts);
    CHECK(open.counters.series_started == 3);
    CHECK(open.counters.series_finished == 3);
}

TEST_CASE("what is lost in one series of a begun scan is missing there, and nowhere else") {
    Bench bench;
    bench.processor.obey(begin());
    bench.start(1, 4);
    send(bench, 1, {0, 1, 3});
    bench.end(1);
    bench.start(2, 6); // its end gets lost, and its last frame
    send(bench, 2, {0, 2, 3, 4});
    play(bench, 3, 2);
    bench.processor.obey({What::end});
    FrameAccounting const& frames = bench.last().frames;
    CHECK(frames.used == 9);
    CHECK(frames.expected == 12);
    CHECK(frames.missing == 3);
    CHECK(frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{2, 2}, {5, 5}, {9, 9}});
    check_books(frames);
    CHECK(bench.last().state == ResultState::final);
}

TEST_CASE("a begun scan counts to what was announced, its partials go on between its series") {
    Bench bench;
    bench.processor.obey(begin("map", 10));
    play(bench, 1, 4);
    bench.clock.advance(1);
    bench.processor.tick();
    REQUIRE_FALSE(bench.jobs.empty());
    CHECK(bench.last().state == ResultState::partial);
    CHECK(bench.last().frames.expected == 10);
    CHECK(bench.last().frames.pending == 6);
    bench.clock.advance(1000); // no silence ends it
    bench.processor.tick();
    CHECK(bench.processor.progress().between);
    play(bench, 2, 6);
    bench.processor.obey({What::end});
    CHECK(finals(bench).size() == 1);
    CHECK(bench.last().frames.used == 10);
    CHECK(bench.last().frames.expected == 10);
}

TEST_CASE("a configured map may be scanned as a series for each of its lines") {
    auto config = small_config();
    config.scan.grid = MapGrid{4, 5, {}, false};
    config.scan.points = 20;
    Bench bench(config);
    bench.processor.obey(begin());
    for (std::uint64_t line = 1; line <= 4; ++line) {
        play(bench, line, 5);
        CHECK(bench.processor.progress().frames.expected == 20);
    }
    bench.processor.obey({What::end});
    CHECK(bench.last().state == ResultState::final);
    REQUIRE(bench.last().scan.grid);
    CHECK(bench.last().map);
    CHECK(bench.last().frames.used == 20);
    CHECK(numbers(bench.last()) == up_to(20));
}

TEST_CASE("a lower first number than the first of a later series moves that series alone") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 3);
    SeriesStart header = header_of(2);
    header.first_image.reset();
    bench.processor.on(header);
    send(bench, 2, {7, 5, 6});
    bench.end(2);
    bench.processor.obey({What::end});
    auto found = numbers(bench.last());
    std::ranges::sort(found);
    CHECK(found == up_to(6));
    CHECK(bench.last().frames.missing == 0);
}

TEST_CASE("a series whose start was missed joins with its second frame") {
    Bench bench;
    bench.processor.obey(begin());
    bench.start(1, 4);
    bench.frame(1, 0);
    bench.frame(1, 1);
    bench.frame(2, 0); // a stray?
    bench.frame(2, 1); // no
    bench.end(2);
    bench.processor.obey({What::end});
    CHECK(bench.last().frames.used == 4);
    CHECK(bench.last().frames.missing == 2); // that series 1 promised and nobody saw
    CHECK(has_flag(bench.last(), "start_missed"));
    check_books(bench.last().frames);
}

TEST_CASE("frames of a series of the scan that has ended are late") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 2);
    bench.frame(1, 2);
    CHECK(bench.counters.frames_late == 1);
    bench.processor.obey({What::end});
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("a series of a begun scan that is another measurement is rejected, frame by frame, and the next good one goes on") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 4);
    bench.processor.on(bad_header(2));
    CHECK_FALSE(bench.processor.progress().refused.empty());
    for (std::uint64_t i = 0; i < 4; ++i) bench.frame(2, i);
    bench.end(2);
    play(bench, 3, 4);
    CHECK(bench.processor.progress().refused.empty());
    bench.processor.obey({What::end});
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 8);
    CHECK(bench.last().frames.rejected_by.at("refused") == 4);
    check_books(bench.last().frames);
}

TEST_CASE("a series with another mask than the sums of its scan is not added to them") {
    Bench bench;
    bench.processor.obey(begin());
    play(bench, 1, 2);
    SeriesStart header = header_of(2, 2);
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols, 0);
    (*mask)[rows * cols / 2] = 1;
    header.pixel_mask = mask;
    bench.processor.on(header);
    bench.frame(2, 0);
    CHECK(bench.processor.progress().refused.find("other bins") != std::string::npos);
    bench.processor.obey({What::end});
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().frames.rejected_by.at("refused") == 1);
}

TEST_CASE("a threshold that changed within a scan is another measurement") {
    Bench bench;
    bench.processor.obey(begin());
    SeriesStart header = header_of(1, 2);
    header.threshold_keV = 9;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.frame(1, 1);
    header.series.series_id = 2;
    header.threshold_keV = 10;
    bench.processor.on(header);
    CHECK(bench.processor.progress().refused.find("threshold") != std::string::npos);
}

TEST_CASE("what is announced before a begun scan's first series fills in what begin left open") {
    Bench bench;
    ScanAnnouncement said;
    said.mount = "m1";
    said.name = "not this";
    bench.announcements.place(said);
    bench.processor.obey(begin());
    bench.start(1, 2);
    CHECK(bench.processor.progress().scan.mount == "m1");
    CHECK(bench.processor.progress().scan.id == "glass");
    said.name = "the next";
    CHECK_FALSE(bench.announcements.place(said).to_running);
}

TEST_CASE("a series that ran when a scan was begun is its own") {
    Bench bench;
    bench.start(1, 4);
    bench.frame(1, 0);
    bench.processor.obey(begin());
    bench.clock.advance(100);
    bench.processor.tick(); // its silence ends it as ever
    REQUIRE(finals(bench).size() == 1);
    CHECK(bench.last().scan.uid != "uid-glass");
    bench.start(2, 4);
    CHECK(bench.processor.progress().scan.uid == "uid-glass");
}

TEST_CASE("a begun scan that no series came to ends without a result") {
    for (What const what : {What::end, What::abort}) {
        Bench bench;
        bench.processor.obey(begin());
        CHECK(bench.processor.progress().open_scan == "uid-glass");
        CHECK(bench.processor.progress().scan.id == "glass");
        bench.processor.obey({what});
        CHECK(bench.processor.progress().open_scan.empty());
        CHECK(bench.jobs.empty());
        CHECK(bench.notices.empty());
    }
}

TEST_CASE("a begun scan is told of until a series opens it, or it ends, or another takes its place") {
    using Uids = std::vector<std::string>;
    Bench bench;
    ScanOrder order = begin();
    order.scan.request = "a UUID";
    bench.processor.obey(order);
    REQUIRE(bench.begun.size() == 1);
    CHECK(bench.begun[0].uid == "uid-glass");
    CHECK(bench.begun[0].request == "a UUID");
    play(bench, 1, 2);
    CHECK(bench.openings.front().scan.uid == "uid-glass"); // it takes its place
    CHECK(bench.openings.front().request == "a UUID");
    bench.processor.obey({What::end});
    CHECK(bench.unopened.empty());
    for (What const what : {What::end, What::abort, What::reset}) {
        bench.unopened.clear();
        bench.processor.obey(begin("empty"));
        bench.processor.obey({what});
        CHECK(bench.unopened == Uids{"uid-empty"});
    }
    bench.unopened.clear();
    bench.processor.obey(begin("one"));
    bench.processor.obey(begin("other"));
    CHECK(bench.unopened == Uids{"uid-one"});
    bench.processor.finish("shutdown"); // a restart is not its end
    CHECK(bench.unopened == Uids{"uid-one"});
}
