// Frames that another client took stand in a pattern; frames that were lost do not.
#include "pipeline/stream/lag_watch.hpp"
#include "pipeline/stream/regular_gaps.hpp"
#include "tests/support/series_bench.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace sqd;
using namespace sqd::test;

namespace {

/// `frames` of which those come for which `comes` holds.
template <class Comes>
std::vector<bool> series(std::size_t frames, Comes const& comes) {
    std::vector<bool> came;
    for (std::size_t i = 0; i < frames; ++i) came.push_back(comes(i));
    while (!came.empty() && !came.back()) came.pop_back(); // as a ledger has it
    return came;
}

} // namespace

TEST_CASE("one client beside this one takes every second frame, two take two of three, a third of three connections every third") {
    CHECK(regular_gaps(series(100, [](std::size_t i) { return i % 2 == 1; }), 0) == RegularGaps{2, 1});
    CHECK(regular_gaps(series(100, [](std::size_t i) { return i % 3 == 2; }), 0) == RegularGaps{3, 1});
    CHECK(regular_gaps(series(100, [](std::size_t i) { return i % 3 != 1; }), 0) == RegularGaps{3, 2});
    CHECK(regular_gaps(series(2000, [](std::size_t i) { return i % 50 != 7; }), 0) == RegularGaps{50, 49});
}

TEST_CASE("a pattern that is disturbed a little is one still, of a few frames it is none") {
    CHECK(regular_gaps(series(200, [](std::size_t i) { return i % 2 == 0 || i == 77; }), 0) == RegularGaps{2, 1});
    CHECK_FALSE(regular_gaps(series(14, [](std::size_t i) { return i % 2 == 1; }), 0)); // 7 missing
}

TEST_CASE("whole series, blocks and frames lost at random are no pattern") {
    CHECK_FALSE(regular_gaps(series(100, [](std::size_t) { return true; }), 0));
    CHECK_FALSE(regular_gaps(series(100, [](std::size_t i) { return i < 30 || i > 60; }), 0));
    CHECK_FALSE(regular_gaps({}, 0));
    // At most nine in ten distances between lost frames are alike by chance: with 8 and more of probability p <= 1/2 each, below 1e-4 a
    // draw.
    std::mt19937 random(20261126);
    int found = 0;
    for (int draw = 0; draw < 1000; ++draw) {
        double const lost = 0.02 + 0.48 * draw / 1000.0;
        found += regular_gaps(series(400, [&](std::size_t) { return std::generate_canonical<double, 32>(random) >= lost; }), 0).has_value();
    }
    CHECK(found == 0);
}

TEST_CASE("frames before the first of this series are no part of the pattern") {
    auto const came = series(100, [](std::size_t i) { return i < 40 || i % 2 == 0; });
    CHECK(regular_gaps(came, 40) == RegularGaps{2, 1});
    CHECK_FALSE(regular_gaps(series(100, [](std::size_t i) { return i >= 40 || i % 2 == 0; }), 40));
}

TEST_CASE("a second client is an alarm while the series runs, in words that say what to do") {
    Bench bench;
    bench.start(1, 200);
    for (std::uint64_t i = 0; i < 40; i += 2) {
        bench.frame(1, i);
        bench.processor.tick();
    }
    REQUIRE(bench.alarmed("frames_taken_away"));
    auto const alarms = bench.alarms.current();
    auto const alarm = std::ranges::find(alarms, "frames_taken_away", &Alarm::name);
    CHECK(alarm->message.starts_with("of every 2 frames of series 1 1 comes (another client"));
    CHECK(alarm->message.find("source.tap") != std::string::npos);
}

TEST_CASE("a few frames lost here and there are no second client") {
    Bench bench;
    bench.start(1, 60);
    for (std::uint64_t i = 0; i < 60; ++i)
        if (i != 3 && i != 4 && i != 17 && i != 31) bench.frame(1, i);
    bench.end(1);
    CHECK(bench.alarmed("frames_missing"));
    CHECK_FALSE(bench.alarmed("frames_taken_away"));
}

TEST_CASE("the age of a queue is what its events wait, to a factor of two while it grows") {
    LagWatch lag;
    double now = 0;
    std::uint64_t pushed = 0, popped = 0;
    CHECK(lag(0, 0, now) == 0);
    for (int i = 0; i < 500; ++i) { // 100 a second come, 50 are worked off: after 10 s the oldest has waited for 5
        now += 0.02;
        pushed += 2;
        popped += 1;
        lag(pushed, popped, now);
    }
    double const late = lag(pushed, popped, now);
    CHECK(late > 2.4); // of a mark that went through: set at t, out at 2 t
    CHECK(late < 5.1);
    for (int i = 0; i < 200; ++i) { // nothing is worked off any more: it grows with the time
        now += 0.02;
        lag(pushed, popped, now);
    }
    CHECK(lag(pushed, popped, now) >= 4);
    popped = pushed; // all of it at once
    lag(pushed, popped, now + 0.02);
    CHECK(lag(pushed, popped, now + 0.04) == 0);
}
