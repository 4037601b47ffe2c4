// Scans that control began, and the configuration that a series goes on under, taken up by the next start.
#include "tests/support/scan_bench.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a scan that was begun before a restart stands open again, with all that was said of it") {
    Bench before;
    before.processor.obey(begin("map", 10));
    Bench bench;
    bench.processor.resume(before.begun.at(0));
    CHECK(bench.begun.size() == 1); // it is written down again
    CHECK(bench.processor.progress().open_scan == "uid-map");
    CHECK(bench.processor.progress().scan.id == "map");
    CHECK(bench.processor.progress().waiting);
    bench.clock.advance(1e6); // nobody's patience ends it
    bench.processor.tick();
    CHECK(bench.processor.progress().open_scan == "uid-map");
    play(bench, 1, 4);
    CHECK_FALSE(bench.processor.progress().waiting);
    play(bench, 2, 6);
    bench.processor.obey({What::end});
    CHECK(bench.last().scan.uid == "uid-map");
    CHECK(bench.last().frames.expected == 10);
    CHECK(bench.last().frames.used == 10);
    CHECK(bench.last().state == ResultState::final);
    for (What const what : {What::end, What::abort}) {
        Bench other;
        other.processor.resume(before.begun.at(0));
        other.processor.obey({what});
        CHECK(other.unopened == std::vector<std::string>{"uid-map"});
        CHECK(other.jobs.empty());
    }
}

TEST_CASE("an open scan that cannot go on after a restart ends with all its series, once") {
    auto config = small_config();
    config.checkpoint_s = 1;
    Bench before(config);
    before.processor.obey(begin());
    play(before, 1, 3);
    before.start(2, 4);
    before.frame(2, 0);
    before.clock.advance(3);
    before.processor.tick();
    REQUIRE_FALSE(before.states.empty());
    Bench bench(config);
    bench.processor.resume(before.states.back());
    bench.processor.end_interrupted();
    REQUIRE(finals(bench).size() == 1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().scan.uid == "uid-glass");
    CHECK(bench.last().frames.used == 4);
    CHECK(has_flag(bench.last(), "ended_by_interruption"));
    CHECK_FALSE(bench.processor.progress().running);
    bench.processor.end_interrupted();
    CHECK(finals(bench).size() == 1);
}

TEST_CASE("a series that is taken up is reduced by the configuration that was given for it, the next by the next") {
    auto config = small_config();
    config.checkpoint_s = 1;
    config.config_id = "begun with";
    Bench before(config);
    before.start(1, 4);
    before.frame(1, 0);
    before.clock.advance(3);
    before.processor.tick();
    CHECK(before.openings.back().config_id == "begun with");
    auto now = config;
    now.config_id = "now";
    Bench bench(now);
    bench.processor.configure(config);
    bench.processor.resume(before.states.back());
    bench.processor.configure(now);
    CHECK(bench.openings.back().config_id == "begun with");
    for (std::uint64_t i = 1; i < 4; ++i) bench.frame(1, i);
    CHECK(bench.last().config_id == "begun with");
    play(bench, 2, 2);
    CHECK(bench.last().config_id == "now");
}
