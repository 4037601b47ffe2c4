// Every way a series can begin, go on, go wrong and end.
#include "pipeline/core/units.hpp"
#include "pipeline/stream/reducer.hpp"
#include "pipeline/stream/series_processor.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <numeric>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr std::size_t rows = 64, cols = 64; // two tiles

ProcessorConfig small_config() {
    ProcessorConfig config;
    config.geometry = {.distance_m = 0.1,
                       .poni1_m = 0.0024,
                       .poni2_m = 0.0024,
                       .pixel1_m = 75e-6,
                       .pixel2_m = 75e-6,
                       .rows = rows,
                       .cols = cols,
                       .wavelength_A = 1.0};
    config.mask = Mask(rows, cols);
    config.integration.npt = 20;
    config.integration.sensor_efficiency = false;
    config.reduction.energy_keV = sqd::energy_keV(1.0);
    config.reduction.distance_m = 0.1;
    config.background_use = BackgroundUse::none;
    return config;
}

/// A header of the right shape.
SeriesStart header_of(std::uint64_t series, std::optional<std::uint64_t> images = {}) {
    SeriesStart header;
    header.series = {series, ""};
    header.rows = rows;
    header.cols = cols;
    header.images_expected = images;
    return header;
}

/// A processor with all it needs, and what came out of it.
struct Bench {
    FakeClock clock;
    AnnouncementBoard announcements;
    AlarmBoard alarms;
    Counters counters;
    std::vector<ReductionJob> jobs;
    std::vector<SeriesNotice> notices;
    SeriesProcessor processor;

    explicit Bench(ProcessorConfig const& config = small_config())
        : processor(config, serial_for(), clock, announcements, alarms, counters,
                    {.reduce = [this](ReductionJob job) { jobs.push_back(std::move(job)); },
                     .notice = [this](SeriesNotice const& notice) { notices.push_back(notice); },
                     .progress = {}}) {}

    void start(std::uint64_t series, std::optional<std::uint64_t> images = {}, std::string const& appendix = "") {
        SeriesStart header = header_of(series, images);
        header.appendix = appendix;
        processor.on(header);
    }
    void frame(std::uint64_t series, std::uint64_t number, std::uint32_t value = 1, std::optional<std::size_t> broken = {}) {
        image(series, number, Image<std::uint32_t>(rows, cols, value), broken);
    }
    void image(std::uint64_t series, std::uint64_t number, Image<std::uint32_t> const& pixels, std::optional<std::size_t> broken = {}) {
        Frame frame = memory_frame(pixels, number, std::make_shared<MemoryTiles>(pixels, Lane::u8, broken));
        frame.series = {series, ""};
        frame.received_ns = 1;
        processor.on(std::move(frame));
    }
    void end(std::uint64_t series) { processor.on(SeriesEnd{{series, ""}, false}); }
    bool alarmed(std::string const& name) const {
        auto const all = alarms.current();
        return std::any_of(all.begin(), all.end(), [&](Alarm const& a) { return a.name == name; });
    }
    ReductionJob const& last() const {
        REQUIRE_FALSE(jobs.empty());
        return jobs.back();
    }
};

std::uint64_t total_counts(ReductionJob const& job) {
    std::uint64_t sum = 0;
    for (auto const& frame : job.counts.frames) sum = std::accumulate(frame->counts.begin(), frame->counts.end(), sum);
    return sum;
}

bool has_flag(ReductionJob const& job, std::string const& flag) {
    return std::find(job.flags.begin(), job.flags.end(), flag) != job.flags.end();
}

} // namespace

TEST_CASE("a complete series ends in one final with all frames") {
    Bench bench;
    bench.start(1, 20);
    for (std::uint64_t n = 0; n < 20; ++n) bench.frame(1, n);
    bench.end(1);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 20);
    CHECK(bench.last().frames.missing == 0);
    CHECK(total_counts(bench.last()) == 20 * rows * cols);
    REQUIRE(bench.notices.size() == 2);
    CHECK(bench.notices[0].what == SeriesNotice::What::start);
    CHECK(bench.notices[1].what == SeriesNotice::What::end);
}

TEST_CASE("order does not matter") {
    Bench forward, backward;
    for (Bench* bench : {&forward, &backward}) bench->start(1, 5);
    for (std::uint64_t n = 0; n < 5; ++n) {
        forward.frame(1, n, static_cast<std::uint32_t>(n));
        backward.frame(1, 4 - n, static_cast<std::uint32_t>(4 - n));
    }
    CHECK(total_counts(forward.last()) == total_counts(backward.last()));
    CHECK(backward.last().frames.used == 5);
}

TEST_CASE("a missing end is survived: by the next start") {
    Bench bench;
    bench.start(1, 10);
    for (std::uint64_t n = 0; n < 9; ++n) bench.frame(1, n);
    bench.start(2, 10);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.missing == 1);
    CHECK(has_flag(bench.last(), "ended_by_next_start"));
    CHECK(bench.alarmed("frames_missing"));
}

TEST_CASE("a missing end is survived: by silence, not before") {
    Bench bench;
    bench.start(1, 10);
    bench.frame(1, 0);
    bench.clock.advance(9);
    bench.processor.tick();
    CHECK(std::none_of(bench.jobs.begin(), bench.jobs.end(), [](auto const& j) { return j.state != ResultState::partial; }));
    bench.clock.advance(2);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(has_flag(bench.last(), "ended_by_silence"));
}

TEST_CASE("an announced count ends a series whose header promises more, after a pause") {
    Bench bench;
    bench.start(1, 100000, R"({"points":4})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(1, n);
    bench.processor.tick();
    CHECK(bench.jobs.empty());
    bench.clock.advance(1.5);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.expected == 4);
}

TEST_CASE("an orderly end of a free-running series leaves nothing missing") {
    Bench bench;
    bench.start(1, 100000);
    for (std::uint64_t n = 0; n < 7; ++n) bench.frame(1, n);
    bench.end(1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.expected == 7);
}

TEST_CASE("an end before the announced count is an abort with the missing frames named") {
    Bench bench;
    bench.start(1, 10, R"({"points":10})");
    for (std::uint64_t n : {0U, 1U, 3U}) bench.frame(1, n);
    bench.end(1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.missing == 7);
    REQUIRE(bench.last().frames.missing_ranges.size() == 2);
    CHECK(bench.last().frames.missing_ranges[0] == std::pair<std::uint64_t, std::uint64_t>{2, 2});
}

TEST_CASE("a missed start is adopted from the first image and flagged") {
    Bench bench;
    bench.frame(5, 3);
    bench.frame(5, 4);
    bench.end(5);
    CHECK(has_flag(bench.last(), "start_missed"));
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().frames.missing == 3);
}

TEST_CASE("duplicates and late images are counted and add nothing") {
    Bench bench;
    bench.start(1, 3);
    bench.frame(1, 0);
    bench.frame(1, 0, 99);
    bench.frame(1, 1);
    bench.frame(1, 2);
    bench.frame(1, 1, 99);
    CHECK(total_counts(bench.last()) == 3 * rows * cols);
    CHECK(bench.counters.frames_duplicate == 1);
    CHECK(bench.counters.frames_late == 1);
    CHECK(bench.jobs.size() == 1);
}

TEST_CASE("the end of another series does not end this one") {
    Bench bench;
    bench.start(2, 10);
    bench.frame(2, 0);
    bench.end(1);
    CHECK(bench.jobs.empty());
    CHECK(bench.processor.progress().running);
}

TEST_CASE("a frame that breaks in any tile leaves nothing in the sums") {
    for (std::size_t tile = 0; tile < 2; ++tile) {
        Bench bench;
        bench.start(1, 6);
        for (std::uint64_t n = 0; n < 6; ++n) bench.frame(1, n, 1, n == 2 ? std::optional(tile) : std::nullopt);
        CHECK(bench.last().frames.used == 5);
        CHECK(bench.last().frames.rejected_by.at("decode") == 1);
        CHECK(total_counts(bench.last()) == 5 * rows * cols);
        REQUIRE(bench.last().rejected.size() == 1);
        CHECK(bench.last().rejected[0].number == 2);
        CHECK(bench.alarmed("rejected_decode"));
    }
}

TEST_CASE("an image of another shape is rejected, the others count") {
    Bench bench;
    bench.start(1, 2);
    bench.image(1, 0, Image<std::uint32_t>(cols, rows / 2, 1));
    bench.frame(1, 1);
    CHECK(bench.last().frames.rejected_by.at("shape") == 1);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("a header that disagrees refuses the series with both values, and the next is reduced") {
    Bench bench;
    SeriesStart header = header_of(1);
    header.energy_keV = 20.0;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.end(1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.rejected_by.at("refused") == 1);
    auto const alarms = bench.alarms.current();
    auto const refused = std::find_if(alarms.begin(), alarms.end(), [](Alarm const& a) { return a.name == "refused"; });
    REQUIRE(refused != alarms.end());
    CHECK(refused->message.find("20") != std::string::npos);
    CHECK(refused->message.find("12.398") != std::string::npos);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("role, name, points and sample: announced before appendix before configuration") {
    ProcessorConfig config = small_config();
    config.scan.role = Role::calibrant;
    config.reduction.sample.thickness_um = 30;
    Bench bench(config);
    bench.announcements.place(parse_announcement(R"({"name":"told","sample":{"transmission":0.5}})", true));
    bench.start(1, 1, R"({"name":"written","role":"sample","sample":{"thickness_um":40}})");
    bench.frame(1, 0);
    CHECK(bench.last().scan.id == "told");
    CHECK(bench.last().scan.role == Role::sample);
    CHECK(bench.last().config.sample.thickness_um == 40);
    CHECK(bench.last().config.sample.transmission == 0.5);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().scan.id == "series_2");
    CHECK(bench.last().scan.role == Role::calibrant);
}

TEST_CASE("the stream's pixel mask takes pixels out, and is kept when a start is missed") {
    Bench bench;
    SeriesStart header = header_of(1, 1);
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols, 0);
    (*mask)[100] = 16;
    header.pixel_mask = mask;
    bench.processor.on(header);
    bench.frame(1, 0);
    CHECK(total_counts(bench.last()) == rows * cols - 1);
    bench.frame(2, 0);
    bench.end(2);
    CHECK(total_counts(bench.last()) == rows * cols - 1);
}

TEST_CASE("partials come at the configured pace while frames come, and not otherwise") {
    Bench bench;
    bench.start(1, 100);
    for (std::uint64_t n = 0; n < 50; ++n) {
        bench.frame(1, n);
        bench.clock.advance(0.1);
        bench.processor.tick();
    }
    std::size_t const partials = bench.jobs.size();
    CHECK(partials >= 9);
    CHECK(partials <= 10);
    for (int i = 0; i < 50; ++i) {
        bench.clock.advance(0.1);
        bench.processor.tick();
    }
    CHECK(bench.jobs.size() <= partials + 1);
    std::uint64_t previous = 0;
    for (auto const& job : bench.jobs) {
        CHECK(job.result > previous);
        previous = job.result;
        CHECK(job.frames.received == job.frames.used + job.frames.rejected + job.frames.duplicate);
        CHECK(job.frames.expected == job.frames.used + job.frames.rejected + job.frames.missing + job.frames.pending);
    }
}

TEST_CASE("a frame lost to overload is rejected with that reason") {
    Bench bench;
    bench.start(1, 2);
    bench.frame(1, 0);
    bench.processor.on(LostFrame{{1, ""}, 1});
    bench.end(1);
    CHECK(bench.last().frames.rejected_by.at("overload") == 1);
    CHECK(bench.alarmed("overload"));
}

TEST_CASE("a bad message raises an alarm once and the stream goes on") {
    Bench bench;
    bench.start(1, 1);
    for (int i = 0; i < 3; ++i) bench.processor.on(BadMessage{DecodeFault::malformed, "not JSON"});
    CHECK(bench.alarmed("bad_message_malformed"));
    CHECK(bench.alarms.current().front().count == 3);
    bench.frame(1, 0);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("a stopped service finishes what runs as it stands") {
    Bench bench;
    bench.start(1, 10);
    bench.frame(1, 0);
    bench.processor.finish("shutdown");
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(has_flag(bench.last(), "ended_by_shutdown"));
}

TEST_CASE("a background is stored at its final and used by the sample that follows") {
    ProcessorConfig config = small_config();
    config.background_use = BackgroundUse::latest;
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 4, R"({"role":"background","name":"air"})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(1, n, 2);
    auto const air = reduce(bench.last());
    CHECK(air.curves.pattern.intensity.size() == 20);
    REQUIRE(reduce.latest_background());
    bench.start(2, 2, R"({"role":"sample","name":"glass","sample":{"transmission":1}})");
    for (std::uint64_t n = 0; n < 2; ++n) bench.frame(2, n, 7);
    auto const glass = reduce(bench.last());
    REQUIRE(glass.curves.net);
    CHECK(glass.provenance.background_uid == air.scan.uid);
    for (std::size_t i = 0; i < glass.curves.net->intensity.size(); ++i) {
        double const norm = air.curves.pattern.intensity[i] / 2; // a flat image of 1 would give this
        CHECK(glass.curves.net->intensity[i] == doctest::Approx(5 * norm).epsilon(1e-12));
    }
}

TEST_CASE("frames shorter or longer, with more or less beam, are brought to the same scale") {
    ProcessorConfig config = small_config();
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    auto const measure = [&](std::uint64_t series, double exposure_s, char const* appendix, std::uint32_t value) {
        SeriesStart header = header_of(series, 1);
        header.count_time_s = exposure_s;
        header.appendix = appendix;
        bench.processor.on(header);
        bench.frame(series, 0, value);
        return reduce(bench.last()).curves.pattern.intensity;
    };
    auto const reference = measure(1, 0.1, "", 4);
    CHECK(measure(2, 0.2, "", 8) == reference);
    CHECK(measure(3, 0.1, R"({"monitor":2})", 8) == reference);
    CHECK(measure(4, 0.1, R"({"monitor":[2]})", 8) == reference);
}

TEST_CASE("a detector that is armed and waits for its trigger is not silent") {
    Bench bench;
    bench.start(1, 2);
    bench.clock.advance(100);
    bench.processor.tick();
    CHECK(bench.processor.progress().running);
    bench.frame(1, 0);
    bench.frame(1, 1);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("long exposures are no silence, and a series that goes on after one is reduced, too") {
    Bench bench;
    SeriesStart header = header_of(1, 3);
    header.count_time_s = 60;
    header.frame_time_s = 60;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.clock.advance(70);
    bench.processor.tick();
    CHECK(bench.processor.progress().running);
    bench.clock.advance(200);
    bench.processor.tick();
    CHECK(bench.last().state == ResultState::aborted);
    bench.frame(1, 1);
    bench.frame(1, 2);
    bench.end(1);
    CHECK(bench.last().frames.used == 2);
    CHECK(bench.last().counts.frames[0]->exposure_s == 60); // its header is remembered
    CHECK(bench.counters.frames_late == 0);
}

TEST_CASE("one stray frame of another series does not end the running one, a second one does") {
    Bench bench;
    bench.start(1, 4);
    bench.frame(1, 0);
    bench.frame(99, 0);
    bench.frame(1, 1);
    CHECK(bench.jobs.empty());
    bench.frame(2, 0);
    bench.frame(2, 1);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.last().frames.used == 2);
    bench.end(2);
    CHECK(bench.last().scan.series_id == 2);
    CHECK(bench.last().frames.used == 2); // the one that waited is in it
    CHECK(bench.counters.frames_late == 1);
}

TEST_CASE("a frame that overtakes its own start is kept") {
    Bench bench;
    bench.start(1, 2);
    bench.frame(1, 0);
    bench.frame(2, 0);
    bench.start(2, 2);
    bench.frame(2, 1);
    CHECK(bench.last().scan.series_id == 2);
    CHECK(bench.last().frames.used == 2);
}

TEST_CASE("an empty series gives its announcement back and makes no result") {
    Bench bench;
    bench.announcements.place(parse_announcement(R"({"role":"background","name":"air"})", true));
    bench.start(1, 10);
    bench.end(1);
    CHECK(bench.jobs.empty());
    CHECK(bench.notices.back().what == SeriesNotice::What::end);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().scan.role == Role::background);
}

TEST_CASE("a monitor told late is that of all frames, and a point without one is left out") {
    ProcessorConfig config = small_config();
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 40);
    for (std::uint64_t n = 0; n < 20; ++n) bench.frame(1, n, 4);
    CHECK(bench.announcements.place(parse_announcement(R"({"monitor":2})", true)).to_running);
    for (std::uint64_t n = 20; n < 40; ++n) bench.frame(1, n, 4);
    auto const told = reduce(bench.last());
    bench.start(2, 40);
    for (std::uint64_t n = 0; n < 40; ++n) bench.frame(2, n, 2);
    CHECK(told.curves.pattern.intensity == reduce(bench.last()).curves.pattern.intensity);
    CHECK(told.provenance.corrections == std::vector<std::string>{"monitor"});

    bench.start(3, 4, R"({"monitor":[2,2,2]})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(3, n, 4);
    auto const partly = reduce(bench.last());
    CHECK(partly.frames.used == 3);
    CHECK(partly.frames.rejected_by.at("no_monitor") == 1);
}

TEST_CASE("scans of known and of unknown exposure are never subtracted from each other") {
    ProcessorConfig config = small_config();
    config.background_use = BackgroundUse::latest;
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 1, R"({"role":"background"})");
    bench.frame(1, 0);
    CHECK(has_flag(bench.last(), exposure_unknown_flag));
    reduce(bench.last());
    SeriesStart header = header_of(2, 1);
    header.count_time_s = 0.02;
    bench.processor.on(header);
    bench.frame(2, 0);
    auto const sample = reduce(bench.last());
    CHECK_FALSE(sample.curves.net);
    CHECK(std::find(sample.curves.flags.begin(), sample.curves.flags.end(), "background_of_other_exposure") != sample.curves.flags.end());
    bench.start(3, 1);
    bench.frame(3, 0);
    CHECK(reduce(bench.last()).curves.net);
}

TEST_CASE("the mask of a refused series is not that of the next") {
    Bench bench;
    SeriesStart header;
    header.series = {1, ""};
    header.rows = 10;
    header.cols = 10;
    header.pixel_mask = std::make_shared<std::vector<std::uint32_t> const>(100, 0U);
    bench.processor.on(header);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().state == ResultState::final);
}

TEST_CASE("another composition does not inherit the density of the configured one") {
    ProcessorConfig config = small_config();
    config.reduction.sample.density_g_cm3 = 6.0;
    Bench bench(config);
    bench.start(1, 1, R"({"sample":{"composition":"Pd40Ni40P20"}})");
    bench.frame(1, 0);
    CHECK_FALSE(bench.last().config.sample.density_g_cm3);
}
