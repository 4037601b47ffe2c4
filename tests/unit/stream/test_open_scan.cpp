// Scans that control begins and ends: several series, one account; and what end, abort and reset do to any scan.
#include "pipeline/core/errors.hpp"
#include "tests/support/series_bench.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace sqd;
using namespace sqd::test;

namespace {

using What = ScanOrder::What;

ScanOrder begin(std::string const& name = "glass", std::optional<std::uint64_t> points = {}) {
    ScanAnnouncement said;
    said.name = name;
    said.points = points;
    return {What::begin, {"uid-" + name, said}};
}

void play(Bench& bench, std::uint64_t series, std::uint64_t frames, std::uint32_t value = 1) {
    bench.start(series, frames);
    for (std::uint64_t i = 0; i < frames; ++i) bench.frame(series, i, value);
    bench.end(series);
}

void send(Bench& bench, std::uint64_t series, std::vector<std::uint64_t> const& numbers) {
    for (std::uint64_t const number : numbers) bench.frame(series, number);
}

std::vector<std::string> events(Bench const& bench) {
    constexpr std::array<char const*, 7> names{"start", "end", "aborted", "interrupted", "resumed", "joined", "left"};
    std::vector<std::string> out;
    for (auto const& notice : bench.notices) out.emplace_back(names[static_cast<std::size_t>(notice.what)]);
    return out;
}

std::vector<std::uint64_t> numbers(ReductionJob const& job) {
    std::vector<std::uint64_t> out;
    for (auto const& frame : job.counts.frames) out.push_back(frame->number);
    return out;
}

std::vector<std::uint64_t> up_to(std::uint64_t n) {
    std::vector<std::uint64_t> out(n);
    std::iota(out.begin(), out.end(), std::uint64_t{0});
    return out;
}

std::vector<ReductionJob> finals(Bench const& bench) {
    std::vector<ReductionJob> out;
    std::ranges::copy_if(bench.jobs, std::back_inserter(out), [](auto const& job) { return job.state != ResultState::partial; });
    return out;
}

void check_books(FrameAccounting const& frames) {
    CHECK(frames.received == frames.used + frames.rejected + frames.duplicate);
    CHECK(frames.expected == frames.used + frames.rejected + frames.missing + frames.pending);
}

SeriesStart bad_header(std::uint64_t series) {
    SeriesStart header = header_of(series, 4);
    header.energy_keV = 3 * small_config().reduction.energy_keV;
    return header;
}

} // namespace

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
