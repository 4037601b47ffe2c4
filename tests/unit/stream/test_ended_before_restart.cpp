// What control ended is over, whenever the program dies after it said so.
#include "tests/support/resume_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

using What = ScanOrder::What;
using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

/// The bench after a restart that control's `reason` was written down before; `state` is what the last checkpoint had.
void restart(Bench& after, SeriesState const& state, std::string const& reason, std::uint64_t frames) {
    after.processor.resume(state);
    after.processor.end_interrupted({state.opening.scan.uid, "", reason, frames, "a UUID"});
}

} // namespace

TEST_CASE("control's end of a scan is told before it is done, with how far it had come") {
    for (auto const& [what, reason] : {std::pair(What::end, "command"), std::pair(What::abort, "abort")}) {
        auto const& this_reason = reason;
        CAPTURE(this_reason);
        Bench bench(with_checkpoints());
        bench.start(1, 100);
        play_images(bench, 0, 4);
        play_images(bench, 6, 9);
        bench.durable = false;
        CHECK_FALSE(bench.processor.obey({what, {}, "a UUID"}));
        REQUIRE(bench.ended.size() == 1);
        CHECK(bench.ended[0].uid == bench.last().scan.uid);
        CHECK(bench.ended[0].id == bench.last().scan.id);
        CHECK(bench.ended[0].reason == reason);
        CHECK(bench.ended[0].frames == 9);
        CHECK(bench.ended[0].request == "a UUID");
        bench.durable = true;
        CHECK(bench.processor.obey({what})); // there is nothing to end
        CHECK(bench.ended.size() == 1);
    }
}

TEST_CASE("a begun scan without a series is told to be over, too; reset tells what it ends and nothing else") {
    Bench bench(with_checkpoints());
    bench.durable = false;
    CHECK_FALSE(bench.processor.obey({What::begin, {"uid-map", {}}}));
    CHECK_FALSE(bench.processor.obey({What::abort}));
    REQUIRE(bench.ended.size() == 1);
    CHECK(bench.ended[0].uid == "uid-map");
    CHECK(bench.ended[0].frames == 0);
    CHECK(bench.processor.obey({What::reset}));
    CHECK(bench.ended.size() == 1);
    SeriesStart refused = header_of(1, 4);
    refused.energy_keV = 3 * small_config().reduction.energy_keV;
    bench.processor.on(refused);
    CHECK_FALSE(bench.processor.obey({What::reset}));
    REQUIRE(bench.ended.size() == 2);
    CHECK(bench.ended[1].reason == "reset");
}

TEST_CASE("a scan that control ended before a restart is final, and its frames since the checkpoint are missing by number") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    restart(after, state, "command", 27);
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().scan.uid == state.opening.scan.uid);
    CHECK(after.last().state == ResultState::final);
    CHECK(after.last().frames.used == 20);
    CHECK(after.last().frames.expected == 27);
    CHECK(after.last().frames.missing_ranges == Ranges{{20, 26}});
    for (char const* flag : {"interrupted", "ended_by_command", "frames_missing"}) CHECK(has_flag(after.last(), flag));
    CHECK_FALSE(after.processor.progress().running);
    CHECK(after.ended.size() == 1); // written down again: its result may take a while
    play_images(after, 27, 30);     // what still comes of it is late
    CHECK(after.jobs.size() == 1);
    CHECK(after.counters.frames_late == 3);
    CHECK_FALSE(after.processor.progress().running);
}

TEST_CASE("one whose frames were all in the checkpoint is as if nothing had happened, but for its flag") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    restart(after, state, "command", 20);
    CHECK(after.last().state == ResultState::final);
    CHECK(after.last().frames.expected == 20);
    CHECK(after.last().frames.missing == 0);
}

TEST_CASE("one that control aborted before a restart is aborted, and does not go on") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    restart(after, state, "abort", 27);
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().state == ResultState::aborted);
    CHECK(after.last().frames.missing == 80); // the header promised them
    CHECK(has_flag(after.last(), "ended_by_abort"));
    play_images(after, 27, 30);
    CHECK(after.jobs.size() == 1);
    CHECK(after.counters.frames_late == 3);
}

TEST_CASE("one that control ended before its first checkpoint has nothing to make a final of") {
    Bench before(with_checkpoints());
    before.start(1);
    play_images(before, 0, 5);
    auto const state = only_opened(before);
    REQUIRE(state.opening.frames_came);
    Bench after(with_checkpoints());
    restart(after, state, "command", 5);
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().state == ResultState::aborted);
    CHECK(after.last().frames.expected == 5);
    CHECK(after.last().frames.missing == 5);
}

TEST_CASE("a begun scan that control ended before a restart is over with all its series") {
    Bench before(with_checkpoints());
    before.processor.obey({What::begin, {"uid-map", {}}});
    before.start(1, 10);
    play_images(before, 0, 10);
    before.end(1);
    before.start(2, 10);
    play_images(before, 0, 4, 2);
    auto const state = saved(before);
    Bench after(with_checkpoints());
    restart(after, state, "command", 16);
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().scan.uid == "uid-map");
    CHECK(after.last().state == ResultState::final);
    CHECK(after.last().frames.used == 14);
    CHECK(after.last().frames.missing_ranges == Ranges{{14, 15}});
    CHECK(after.processor.progress().open_scan.empty());
}
