// Series of formats that name none, across a restart: the decoder counts them anew, and only a mark in their images tells them.
#include "tests/support/resume_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

/// Images as a decoder without names gives them out: `series` is its own count.
void send(Bench& bench, std::uint64_t series, std::string const& mark, std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t n = first; n < end; ++n) {
        Frame frame = memory_frame(image_of(n), n);
        frame.series = {series, ""};
        frame.series_named = frame.has_starts = false;
        frame.mark = mark;
        frame.received_ns = 1;
        bench.processor.on(std::move(frame));
    }
}

/// Interrupted after 20 images of its fifth series since its start.
SeriesState interrupted(std::string const& mark) {
    Bench before(with_checkpoints());
    send(before, 5, mark, 1, 21);
    auto const progress = saved(before).progress;
    return {before.openings.back(), progress};
}

} // namespace

TEST_CASE("images of a mark let the series of that mark go on, whatever the decoder's count of series") {
    for (std::uint64_t const count : {1U, 5U}) {
        CAPTURE(count);
        auto const state = interrupted("/data/t");
        Bench after(with_checkpoints()), whole(with_checkpoints());
        after.processor.resume(state);
        send(after, count, "/data/t", 24, 40);
        CHECK(after.jobs.empty());
        CHECK(after.notices.back().what == SeriesNotice::What::resumed);
        after.processor.on(SeriesEnd{{count, ""}, true});
        send(whole, 1, "/data/t", 1, 21);
        send(whole, 1, "/data/t", 24, 40);
        whole.processor.on(SeriesEnd{{1, ""}, true});
        CHECK(after.last().scan.uid == state.opening.scan.uid);
        CHECK(after.last().state == whole.last().state);
        CHECK(after.last().frames.used == 36);
        CHECK(after.last().frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{20, 22}});
        CHECK(after.last().frames.missing_ranges == whole.last().frames.missing_ranges);
        CHECK(after.last().pixel_sum->counts == whole.last().pixel_sum->counts);
    }
}

TEST_CASE("images of another mark, of none, or whose numbers came before are another series") {
    struct Case {
        char const *before, *after;
        std::uint64_t first;
    };
    for (auto const& [mark, other, first] :
         {Case{"/data/t", "/data/u", 21}, {"/data/t", "", 21}, {"/data/t", "/data/t", 1}, {"", "", 21}}) {
        auto const& this_mark = mark;
        CAPTURE(this_mark);
        auto const& this_other = other;
        CAPTURE(this_other);
        auto const state = interrupted(mark);
        Bench after(with_checkpoints());
        after.processor.resume(state);
        send(after, 5, other, first, first + 1);
        REQUIRE(after.jobs.size() == 1);
        CHECK(after.last().scan.uid == state.opening.scan.uid);
        CHECK(after.last().state == ResultState::aborted);
        CHECK(after.last().frames.used == 20);
        CHECK(after.processor.progress().running);
        CHECK(after.processor.progress().scan.uid != state.opening.scan.uid);
    }
}

TEST_CASE("images without a name are of no series that had one, and the other way round") {
    Bench before(with_checkpoints());
    before.start(1, 100);
    play_images(before, 0, 20);
    auto const named = saved(before);
    for (bool const was_named : {true, false}) {
        CAPTURE(was_named);
        Bench after(with_checkpoints());
        after.processor.resume(was_named ? named : interrupted("/data/t"));
        if (was_named)
            send(after, 1, "/data/t", 30, 31);
        else
            after.image(5, 30, image_of(30));
        REQUIRE(after.jobs.size() == 1);
        CHECK(after.last().frames.used == 20);
    }
}

TEST_CASE("a mark is waited for as long as silence would take to end its series, and without one there is nothing to wait for") {
    auto config = with_checkpoints();
    REQUIRE(config.end_silence_s == 10);
    for (bool const marked : {true, false}) {
        CAPTURE(marked);
        Bench after(config);
        after.processor.resume(interrupted(marked ? "/data/t" : ""));
        after.clock.advance(9);
        after.processor.tick();
        CHECK(after.jobs.size() == (marked ? 0 : 1));
        after.clock.advance(2);
        after.processor.tick();
        REQUIRE(after.jobs.size() == 1);
        CHECK(has_flag(after.last(), "ended_by_interruption"));
        CHECK_FALSE(after.processor.progress().running);
    }
}

TEST_CASE("a frame that found no room tells no mark: the series still waits") {
    Bench after(with_checkpoints());
    after.processor.resume(interrupted("/data/t"));
    after.processor.on(LostFrame{{5, ""}, 30});
    CHECK(after.processor.progress().waiting);
    CHECK(after.counters.frames_late == 1);
    send(after, 5, "/data/t", 31, 33);
    CHECK_FALSE(after.processor.progress().waiting);
}
