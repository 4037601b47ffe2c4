// A series that goes on after a restart: what is handed out of a running one, and how another processor takes it up.
#include "tests/support/resume_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

std::map<std::uint64_t, std::vector<std::uint32_t>> by_number(ReductionJob const& job) {
    std::map<std::uint64_t, std::vector<std::uint32_t>> out;
    for (auto const& frame : job.counts.frames) out[frame->number] = frame->counts;
    return out;
}

} // namespace

TEST_CASE("a series that a restart interrupted goes on: the sums are those of one that never stopped, over the same frames") {
    std::uint64_t const lost = 5, all = 60;
    for (std::uint64_t const interrupted_at : {1U, 7U, 16U, 23U, 32U, 40U}) {
        Bench before(with_checkpoints());
        before.start(1, all, R"({"name":"glass","monitor":2})");
        play_images(before, 0, interrupted_at);
        auto const state = saved(before);

        Bench after(with_checkpoints()), whole(with_checkpoints());
        after.processor.resume(state);
        play_images(after, interrupted_at + lost, all);
        after.end(1);
        whole.start(1, all, R"({"name":"glass","monitor":2})");
        play_images(whole, 0, interrupted_at);
        play_images(whole, interrupted_at + lost, all);
        whole.end(1);

        auto const &job = after.last(), &truth = whole.last();
        CHECK(job.scan.uid == before.openings.front().scan.uid);
        CHECK(job.scan.id == "glass");
        CHECK(job.state == truth.state);
        CHECK(job.frames.used == all - lost);
        CHECK(job.frames.missing == lost);
        CHECK(job.frames.missing_ranges == truth.frames.missing_ranges);
        CHECK(job.pixel_sum->counts == truth.pixel_sum->counts);
        CHECK(job.pixel_sum->invalid_frames == truth.pixel_sum->invalid_frames);
        CHECK(job.pixel_sum->weight == truth.pixel_sum->weight);
        CHECK(by_number(job) == by_number(truth));
        CHECK(has_flag(job, "interrupted"));
        Reducer one({"small", {}}, after.clock), other({"small", {}}, whole.clock);
        auto const resumed = one(job), uninterrupted = other(truth);
        CHECK(resumed.curves.pattern.intensity == uninterrupted.curves.pattern.intensity);
        CHECK(resumed.curves.pattern.sigma == uninterrupted.curves.pattern.sigma);
    }
}

TEST_CASE("no result has a number that may have been used before the restart") {
    Bench before(with_checkpoints());
    before.start(1, 100);
    play_images(before, 0, 20);
    auto const state = saved(before); // and a partial before it
    play_images(before, 20, 40);
    before.clock.advance(1);
    before.processor.tick();
    auto const used = before.last().result;
    REQUIRE(used >= 2);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    REQUIRE(after.openings.size() == 1); // written down before a result goes out
    play_images(after, 40, 60);
    after.clock.advance(1);
    after.processor.tick();
    auto const later = after.last().result;
    CHECK(later > used);
    CHECK(later < after.openings.back().reserved_results);

    Bench third(with_checkpoints()); // interrupted again, before another checkpoint: the opening alone must do
    third.processor.resume({after.openings.back(), state.progress});
    third.clock.advance(101);
    third.processor.tick();
    CHECK(third.last().result > later);
}

TEST_CASE("once it has gone on it is a series like any other") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    after.clock.advance(50);
    after.processor.tick();
    play_images(after, 30, 31);
    REQUIRE(after.notices.size() == 2);
    CHECK(after.notices[1].what == SeriesNotice::What::resumed);
    CHECK_FALSE(after.processor.progress().waiting);
    after.clock.advance(1);
    after.processor.tick();
    CHECK(after.last().state == ResultState::partial);
    CHECK(after.last().frames.used == 21);
    CHECK(after.last().frames.missing == 10);
    after.clock.advance(11);
    after.processor.tick();
    CHECK(has_flag(after.last(), "ended_by_silence"));
}

TEST_CASE("a late number that did not come yet lets it go on, too") {
    Bench before(with_checkpoints());
    before.start(1, 40);
    play_images(before, 0, 10);
    play_images(before, 12, 20);
    auto const state = saved(before);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    play_images(after, 11, 12);
    play_images(after, 20, 40);
    after.end(1);
    CHECK(after.last().frames.used == 39);
    CHECK(after.last().frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{10, 10}});
}

TEST_CASE("killed before its first checkpoint it goes on without the frames so far") {
    Bench before(with_checkpoints());
    before.start(1, 40, R"({"name":"glass","role":"background"})");
    play_images(before, 0, 10);
    CHECK(before.states.empty());
    Bench after(with_checkpoints());
    after.processor.resume(only_opened(before));
    play_images(after, 10, 40);
    after.end(1);
    CHECK(after.last().scan.uid == before.openings.front().scan.uid);
    CHECK(after.last().scan.role == Role::background);
    CHECK(after.last().frames.used == 30);
    CHECK(after.last().frames.missing == 10);
    CHECK(after.last().frames.missing_ranges == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 9}});
}

TEST_CASE("what is announced after the restart is for the next series, and for this one where nobody had announced it, once it runs") {
    auto const state = interrupted_after(20);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    CHECK_FALSE(after.announcements.place(parse_announcement(R"({"name":"next"})", true)).to_running);
    play_images(after, 20, 30);
    CHECK(after.announcements.place(parse_announcement(R"({"name":"this"})", true)).to_running);
    after.processor.tick();
    CHECK(after.processor.progress().scan.id == "this");
    after.start(2, 10);
    CHECK(after.processor.progress().scan.id == "next");
}

TEST_CASE("what is said of a running series is in its next opening and the state after it") {
    Bench before(with_checkpoints());
    before.start(1, 100);
    play_images(before, 0, 10);
    CHECK(
        before.announcements.place(parse_announcement(R"({"name":"late","monitor":4,"sample":{"composition":"LaB6"}})", true)).to_running);
    before.processor.tick();
    REQUIRE(before.openings.size() == 3); // its start, its first frame, what was said
    CHECK(before.openings[2].revision > before.openings[1].revision);
    CHECK(before.openings[1].revision > before.openings[0].revision);
    Bench after(with_checkpoints());
    after.processor.resume({before.openings[2], saved(before).progress});
    after.clock.advance(101);
    after.processor.tick();
    CHECK(after.last().scan.id == "late");
    CHECK(after.last().counts.frames.front()->monitor == 4);
    CHECK(after.last().config.sample.composition.text == "LaB6");
}

TEST_CASE("the detector's pixel mask is sent once and holds after a restart") {
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols);
    (*mask)[20 * cols + 20] = 1;
    Bench before(with_checkpoints());
    SeriesStart first = header_of(1, 1);
    first.pixel_mask = mask;
    before.processor.on(first);
    play_images(before, 0, 1);
    auto const masked = before.last().counts.bins->masked_pixels;
    before.start(2, 100); // without a mask: the one before is in force
    play_images(before, 0, 20, 2);
    auto const state = saved(before);
    Bench after(with_checkpoints());
    after.processor.resume(state);
    play_images(after, 20, 21, 2);
    after.end(2);
    CHECK(after.last().frames.used == 21);
    CHECK(after.last().counts.bins->masked_pixels == masked);
    after.start(3, 1);
    play_images(after, 0, 1, 3);
    CHECK(after.last().counts.bins->masked_pixels == masked);
}

TEST_CASE("what only the first image told of its series holds after a restart, beside the mask of its start") {
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols);
    (*mask)[20 * cols + 20] = 1;
    SeriesStart told = header_of(1);
    told.threshold_keV = 4.5;
    told.count_time_s = 0.25;
    SeriesStart bare; // it says little
    bare.series = {1, ""};
    bare.pixel_mask = mask;
    Bench before(with_checkpoints());
    before.processor.on(bare);
    for (std::uint64_t n = 0; n < 20; ++n) {
        Frame frame = memory_frame(image_of(n), n);
        frame.series = {1, ""};
        frame.about = std::make_shared<SeriesStart const>(told);
        before.processor.on(std::move(frame));
    }
    auto const state = saved(before);
    REQUIRE(before.openings.size() == 3);
    before.processor.finish("end");
    Bench after(with_checkpoints());
    after.processor.resume({before.openings.back(), state.progress});
    play_images(after, 20, 21);
    after.end(1);
    CHECK(after.last().frames.used == 21);
    CHECK(after.last().config.threshold_keV == 4.5);
    CHECK(after.last().counts.frames.back()->exposure_s == 0.25);
    CHECK(after.last().counts.bins->masked_pixels == before.last().counts.bins->masked_pixels);
    CHECK(after.last().counts.bins->masked_pixels == 1);
}

TEST_CASE("states come at their pace: the first after twice the time, none while nothing came or the last one is held") {
    Bench bench(with_checkpoints());
    bench.start(1, 1000);
    play_images(bench, 0, 5);
    bench.clock.advance(3.9);
    bench.processor.tick();
    CHECK(bench.states.empty());
    bench.clock.advance(0.2);
    bench.processor.tick();
    REQUIRE(bench.states.size() == 1);
    CHECK(bench.states[0].progress.counts.size() == 5); // frames of a batch that is filling are in it
    bench.clock.advance(5);
    bench.processor.tick();
    CHECK(bench.states.size() == 1);
    play_images(bench, 5, 6);
    bench.processor.tick();
    CHECK(bench.states.size() == 2);

    FakeClock clock;
    AnnouncementBoard announcements;
    AlarmBoard alarms;
    Counters counters;
    std::optional<SeriesState> held;
    int states = 0;
    SeriesProcessor processor(with_checkpoints(), serial_for(), clock, announcements, alarms, counters,
                              {.reduce = {}, .notice = {}, .progress = {}, .load = {}, .checkpoint = [&](SeriesState state) {
                                   ++states;
                                   held = std::move(state);
                               }});
    processor.on(header_of(1, 100));
    for (std::uint64_t n = 0; n < 3; ++n) {
        auto frame = memory_frame(image_of(n), n);
        frame.series = {1, ""};
        processor.on(std::move(frame));
        clock.advance(5);
        processor.tick();
    }
    CHECK(states == 1);
    held.reset();
    processor.tick();
    CHECK(states == 2);
}
