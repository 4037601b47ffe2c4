// A scan that control began, across a restart: it outlives its series, and a restart between them or in the middle of one.
#include "tests/support/resume_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

using What = ScanOrder::What;

/// Series 1 as a whole, of series 2 the first frames.
void begin_and_play(Bench& bench, std::uint64_t of_second) {
    ScanAnnouncement said;
    said.name = "glass";
    bench.processor.obey({What::begin, {"uid-glass", said}});
    bench.start(1, 10);
    play_images(bench, 0, 10, 1);
    bench.end(1);
    if (of_second == 0) return;
    bench.start(2, 20);
    play_images(bench, 0, of_second, 2);
}

void check_same_final(Bench const& bench, Bench const& truth) {
    auto const &job = bench.last(), &whole = truth.last();
    CHECK(job.scan.uid == "uid-glass");
    CHECK(job.scan.id == "glass");
    CHECK(job.state == ResultState::final);
    CHECK(job.frames.used == whole.frames.used);
    CHECK(job.frames.missing_ranges == whole.frames.missing_ranges);
    CHECK(job.pixel_sum->counts == whole.pixel_sum->counts);
    REQUIRE(job.counts.frames.size() == whole.counts.frames.size());
    for (std::size_t i = 0; i < job.counts.frames.size(); ++i) {
        CHECK(job.counts.frames[i]->number == whole.counts.frames[i]->number);
        CHECK(job.counts.frames[i]->counts == whole.counts.frames[i]->counts);
    }
    CHECK(has_flag(job, "series_in_scan:2"));
    CHECK(has_flag(job, "interrupted"));
}

} // namespace

TEST_CASE("interrupted in the middle of a later series, a begun scan goes on with it and ends when it is told to") {
    Bench before(with_checkpoints());
    begin_and_play(before, 8);
    auto const state = saved(before);
    Bench after(with_checkpoints()), whole(with_checkpoints());
    after.processor.resume(state);
    CHECK(after.processor.progress().waiting);
    CHECK(after.processor.progress().open_scan == "uid-glass");
    begin_and_play(whole, 8);
    for (Bench* each : {&after, &whole}) {
        play_images(*each, 11, 20, 2);
        each->processor.obey({What::end});
    }
    check_same_final(after, whole);
}

TEST_CASE("interrupted between two of its series, a begun scan waits for the next as long as it takes") {
    Bench before(with_checkpoints());
    begin_and_play(before, 0);
    REQUIRE_FALSE(before.states.empty()); // handed out when the series ended
    Bench after(with_checkpoints()), whole(with_checkpoints());
    after.processor.resume(before.states.back());
    CHECK(after.processor.progress().between);
    after.clock.advance(1000);
    after.processor.tick();
    CHECK(after.jobs.empty());
    begin_and_play(whole, 0);
    for (Bench* each : {&after, &whole}) {
        each->start(2, 20);
        play_images(*each, 0, 20, 2);
        each->processor.obey({What::end});
    }
    check_same_final(after, whole);
}

TEST_CASE("a series that does not go on ends, not the begun scan that it is of") {
    Bench before(with_checkpoints());
    begin_and_play(before, 8);
    auto const state = saved(before);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    after.clock.advance(101);
    after.processor.tick();
    CHECK(after.jobs.empty());
    CHECK(after.processor.progress().between);
    CHECK(after.notices.back().what == SeriesNotice::What::left);
    CHECK(after.notices.back().reason == "interruption");
    after.start(3, 5); // behind what the one before promised
    play_images(after, 0, 5, 3);
    after.processor.obey({What::end});
    CHECK(after.last().state == ResultState::final);
    CHECK(after.last().frames.used == 10 + 8 + 5);
    CHECK(after.last().frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{18, 29}});
}
