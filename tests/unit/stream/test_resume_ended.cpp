// A series that a restart interrupted and that does not go on: when it ends, and as what.
#include "tests/support/resume_bench.hpp"

using namespace sqd;
using namespace sqd::test;

TEST_CASE("while it waits there are no results, no silence ends it, and the time it was given does") {
    Bench before(with_checkpoints());
    before.start(1, 100);
    play_images(before, 0, 20);
    auto const state = saved(before);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    REQUIRE(after.notices.size() == 1);
    CHECK(after.notices[0].what == SeriesNotice::What::interrupted);
    CHECK(after.processor.progress().waiting);
    after.clock.advance(99);
    after.processor.tick();
    CHECK(after.jobs.empty());
    after.clock.advance(2);
    after.processor.tick();
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().state == ResultState::aborted);
    CHECK(after.last().scan.uid == before.openings.front().scan.uid);
    CHECK(after.last().frames.used == 20);
    CHECK(after.last().frames.missing == 80);
    CHECK(has_flag(after.last(), "interrupted"));
    CHECK(has_flag(after.last(), "ended_by_interruption"));
    CHECK(after.notices.back().what == SeriesNotice::What::aborted);
    CHECK_FALSE(after.processor.progress().running);
}

TEST_CASE("another series that comes first ends it as it stands") {
    for (int const way : {0, 1, 2}) {
        CAPTURE(way);
        Bench before(with_checkpoints());
        before.start(1, 100);
        play_images(before, 0, 20);
        auto const state = saved(before);
        Bench after(with_checkpoints());
        after.processor.resume(state);
        if (way == 0) after.start(2, 10);          // with its start
        if (way == 1) play_images(after, 0, 3, 2); // without: one image may be a stray, two are a series
        if (way == 2) play_images(after, 3, 6);    // its own name, but numbers that were here: the detector counts anew
        REQUIRE(after.jobs.size() == 1);
        CHECK(after.last().scan.uid == before.openings.front().scan.uid);
        CHECK(after.last().state == ResultState::aborted);
        CHECK(after.last().frames.used == 20);
        CHECK(after.last().frames.duplicate == 0);
        CHECK(has_flag(after.last(), "ended_by_next_start"));
        auto const uid = after.processor.progress().scan.uid;
        CHECK(after.processor.progress().running);
        CHECK(uid != before.openings.front().scan.uid);
        after.end(way == 2 ? 1 : 2);
        CHECK((way == 0 || has_flag(after.last(), "start_missed")));
        CHECK((way == 0 || after.last().frames.used == 3));
    }
}

TEST_CASE("an end while it waits does not tell how many images came meanwhile: those that the header promised are missing") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    after.end(1);
    CHECK(after.last().state == ResultState::aborted);
    CHECK(after.last().frames.expected == 100);
    CHECK(after.last().frames.missing == 80);
}

TEST_CASE("a series without a frame leaves nothing when it does not go on, and what was announced of it waits for the next") {
    Bench before(with_checkpoints());
    before.announcements.place(parse_announcement(R"({"name":"told"})", true));
    before.start(1, 40);
    Bench after(with_checkpoints());
    after.processor.resume(only_opened(before));
    CHECK_FALSE(after.announcements.pending());
    after.clock.advance(101);
    after.processor.tick();
    CHECK(after.jobs.empty());
    CHECK(after.notices.back().no_result);
    CHECK(after.announcements.pending());
}

TEST_CASE("a series whose frames are all lost is marked, and what was announced of it is not taken for the next") {
    Bench before(with_checkpoints());
    before.announcements.place(parse_announcement(R"({"name":"told"})", true));
    before.start(1);
    play_images(before, 0, 10);
    Bench after(with_checkpoints());
    after.processor.resume(only_opened(before));
    after.start(2, 10);
    REQUIRE(after.jobs.size() == 1);
    CHECK(after.last().state == ResultState::aborted);
    CHECK(after.last().scan.uid == before.openings.front().scan.uid);
    CHECK(after.last().frames.used == 0);
    CHECK(has_flag(after.last(), "interrupted"));
    CHECK_FALSE(after.notices[1].no_result);
    CHECK(after.processor.progress().scan.id == "series_2");
    Reducer reduce({"small", {}}, after.clock);
    auto const result = reduce(after.last());
    CHECK(std::find(result.curves.flags.begin(), result.curves.flags.end(), "no_frames") != result.curves.flags.end());
}

TEST_CASE("on other bins the frames are lost, each by name, and there are no curves") {
    Bench before(with_checkpoints());
    before.start(1, 100);
    play_images(before, 0, 20);
    auto state = saved(before);
    for (int const change : {0, 1, 2}) {
        CAPTURE(change);
        auto config = with_checkpoints();
        auto changed = state;
        if (change == 0) config.integration.npt = 21;
        if (change == 1) config.mask(3, 3) = 1;
        if (change == 2) changed.progress.sums = nullptr;
        Bench after(config);
        after.processor.resume(changed);
        after.processor.finish("interruption");
        CHECK(after.last().state == ResultState::aborted);
        CHECK(after.last().counts.frames.empty());
        CHECK(after.last().frames.used == 0);
        CHECK(after.last().frames.rejected_by.at("other_bins") == 20);
        CHECK(after.last().frames.missing == 80);
        CHECK(has_flag(after.last(), "interrupted_on_other_bins"));
        Reducer reduce({"small", {}}, after.clock);
        CHECK(reduce(after.last()).curves.pattern.intensity.empty());
    }
}
