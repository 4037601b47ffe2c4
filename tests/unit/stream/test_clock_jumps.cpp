// Somebody sets the machine's clock by an hour while it measures: frames, books and timeouts know nothing of it, results say it.
#include "pipeline/stream/clock_watch.hpp"
#include "tests/support/series_bench.hpp"

#include <array>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr double hour_s = 3600;
constexpr std::array jumps{-hour_s, hour_s};

ProcessorConfig with_checkpoints() {
    auto config = small_config();
    config.checkpoint_s = 2;
    config.resume_timeout_s = 100;
    config.end_silence_s = 10;
    return config;
}

/// What a test bench does between two frames: a tenth of a second passes, in ticks.
void wait_a_tenth(Bench& bench) {
    constexpr int ticks = 5;
    for (int i = 0; i < ticks; ++i) {
        bench.clock.advance(0.1 / ticks);
        bench.processor.tick();
    }
}

/// 60 frames in 6 s, one of them missing, one twice; the clock is set by `jump` before frame `at`.
void measure(Bench& bench, std::uint64_t at, double jump) {
    bench.start(1, 60);
    for (std::uint64_t n = 0; n < 60; ++n) {
        if (n == at) bench.clock.set_by(jump);
        if (n != 20) bench.frame(1, n, static_cast<std::uint32_t>(n));
        if (n == 30) bench.frame(1, n, 7);
        wait_a_tenth(bench);
    }
    bench.end(1);
}

std::vector<ResultState> states(Bench const& bench) {
    std::vector<ResultState> out;
    for (auto const& job : bench.jobs) out.push_back(job.state);
    return out;
}

} // namespace

TEST_CASE("the clock is set by an hour in the middle of a series: books, sums and the rhythm of results are those of no jump") {
    Bench truth(with_checkpoints());
    measure(truth, 60, 0);
    REQUIRE(states(truth).size() > 3); // partials
    CHECK_FALSE(has_flag(truth.last(), "clock_set"));
    CHECK_FALSE(truth.alarmed("clock_set"));
    for (double const jump : jumps) {
        for (std::uint64_t const at : {0U, 1U, 15U, 16U, 30U, 59U}) {
            CAPTURE(jump);
            CAPTURE(at);
            Bench bench(with_checkpoints());
            measure(bench, at, jump);
            CHECK(states(bench) == states(truth));
            CHECK(bench.states.size() == truth.states.size());
            FrameAccounting const &mine = bench.last().frames, &theirs = truth.last().frames;
            CHECK(mine.received == theirs.received);
            CHECK(mine.used == theirs.used);
            CHECK(mine.duplicate == theirs.duplicate);
            CHECK(mine.missing_ranges == theirs.missing_ranges);
            CHECK(bench.last().pixel_sum->counts == truth.last().pixel_sum->counts);
            CHECK(bench.last().result == truth.last().result);
            CHECK(has_flag(bench.last(), "clock_set"));
            CHECK(bench.alarm("clock_set")->count == 1);
            CHECK(bench.alarm("clock_set")->message.find(jump > 0 ? "+3600.0 s" : "-3600.0 s") != std::string::npos);
        }
    }
}

TEST_CASE("the next series is not flagged for a jump that was before it") {
    for (double const jump : jumps) {
        Bench bench(with_checkpoints());
        measure(bench, 10, jump);
        bench.clock.set_by(-jump); // nothing runs
        bench.start(2, 1);
        bench.frame(2, 0);
        CHECK_FALSE(has_flag(bench.last(), "clock_set"));
        CHECK_FALSE(bench.active("clock_set"));
    }
}

TEST_CASE("no patience is cut short or drawn out by a clock that is set: silence, an armed series, an interrupted one") {
    for (double const jump : jumps) {
        Bench bench(with_checkpoints());
        bench.start(1, 100);
        bench.clock.set_by(jump);
        bench.processor.tick();
        CHECK(bench.processor.progress().armed);
        bench.frame(1, 0);
        bench.clock.advance(9.5);
        bench.clock.set_by(jump);
        bench.processor.tick();
        CHECK(bench.processor.progress().running);
        REQUIRE_FALSE(bench.states.empty());
        bench.clock.advance(1);
        bench.processor.tick();
        CHECK_FALSE(bench.processor.progress().running); // 10 s of silence, whatever the time of day

        Bench after(with_checkpoints());
        after.clock.set_by(-hour_s); // over the restart: earlier than the frames of before
        after.processor.resume(bench.states.back());
        after.clock.advance(99);
        after.clock.set_by(jump);
        after.processor.tick();
        CHECK(after.processor.progress().waiting);
        after.frame(1, 5);
        CHECK_FALSE(after.processor.progress().waiting);
        after.end(1);
        CHECK(after.last().frames.used == 2);
        CHECK(has_flag(after.last(), "clock_set"));
    }
}

TEST_CASE("steady time that leaps, as after a machine stood still: one result that was due, not all that were missed; no frame is lost") {
    Bench bench(with_checkpoints());
    bench.processor.obey({ScanOrder::What::begin, {"uid", {}}}); // no silence ends it
    bench.start(1, 40);
    for (std::uint64_t n = 0; n < 20; ++n) {
        bench.frame(1, n);
        wait_a_tenth(bench);
    }
    auto const before = bench.jobs.size();
    bench.frame(1, 20);
    bench.clock.advance(hour_s);
    for (int i = 0; i < 10; ++i) bench.processor.tick();
    CHECK(bench.jobs.size() == before + 1);
    for (std::uint64_t n = 21; n < 40; ++n) {
        bench.frame(1, n);
        wait_a_tenth(bench);
    }
    bench.processor.obey({ScanOrder::What::end});
    CHECK(bench.last().frames.used == 40);
    CHECK_FALSE(has_flag(bench.last(), "clock_set")); // both times went on
}

TEST_CASE("an hour of standing still ends a series as its silence does; what comes then is a scan of its own, every frame in one of both") {
    Bench bench(with_checkpoints());
    bench.start(1, 40);
    for (std::uint64_t n = 0; n < 20; ++n) bench.frame(1, n);
    bench.clock.advance(hour_s);
    bench.processor.tick();
    REQUIRE_FALSE(bench.jobs.empty());
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.used == 20);
    CHECK(has_flag(bench.last(), "ended_by_silence"));
    for (std::uint64_t n = 20; n < 40; ++n) bench.frame(1, n);
    bench.end(1);
    CHECK(bench.last().frames.used == 20);
    CHECK(bench.counters.frames_late == 0);
}

TEST_CASE("a clock that drifts, or is set by a second or less, was not set; one that is set twice was set twice") {
    FakeClock clock;
    ClockWatch set_by;
    CHECK(set_by(clock) == 0);
    for (int i = 0; i < 10; ++i) {
        clock.advance(1e4);
        CHECK(set_by(clock) == 0);
    }
    clock.set_by(0.9);
    CHECK(set_by(clock) == 0);
    clock.set_by(hour_s);
    CHECK(set_by(clock) == doctest::Approx(hour_s + 0.9));
    CHECK(set_by(clock) == 0);
    clock.set_by(-2 * hour_s);
    CHECK(set_by(clock) == doctest::Approx(-2 * hour_s));
}
