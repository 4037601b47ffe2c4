// A series processor with all it needs, a clock that the test turns, and what came out of it.
#pragma once

#include "pipeline/core/units.hpp"
#include "pipeline/stream/reducer.hpp"
#include "pipeline/stream/series_processor.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd::test {

inline constexpr std::size_t rows = 64, cols = 64; // two tiles

inline ProcessorConfig small_config() {
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
inline SeriesStart header_of(std::uint64_t series, std::optional<std::uint64_t> images = {}) {
    SeriesStart header;
    header.series = {series, ""};
    header.rows = rows;
    header.cols = cols;
    header.images_expected = images;
    return header;
}

/// An image of floating-point numbers of series 1, exposed for half a second.
inline FloatFrame float_frame(std::uint64_t number, double value) {
    return {{1, ""}, number, Image<double>(rows, cols, value), 0.5, 1};
}

/// A processor with all it needs, and what came out of it.
struct Bench {
    FakeClock clock;
    AnnouncementBoard announcements;
    AlarmBoard alarms;
    Counters counters;
    std::vector<ReductionJob> jobs;
    std::vector<SeriesNotice> notices;
    std::vector<SeriesOpening> openings;
    std::vector<SeriesState> states; ///< checkpoints, each with sums of its own
    std::vector<OpenScan> begun;
    std::vector<ScanEnd> ended; ///< by control
    std::vector<std::string> unopened;
    bool durable = true; ///< whether a restart knows what control began and ended
    double load = 0;     ///< how full the queue before it is
    SeriesProcessor processor;

    explicit Bench(ProcessorConfig const& config = small_config())
        : processor(config, serial_for(), clock, announcements, alarms, counters,
                    {.reduce = [this](ReductionJob job) { jobs.push_back(std::move(job)); },
                     .notice = [this](SeriesNotice const& notice) { notices.push_back(notice); },
                     .progress = {},
                     .load = [this] { return load; },
                     .opening = [this](SeriesOpening const& opening) { openings.push_back(opening); },
                     .checkpoint =
                         [this](SeriesState state) {
                             if (state.progress.sums) state.progress.sums = std::make_shared<FrameSums>(*state.progress.sums);
                             states.push_back(std::move(state));
                         },
                     .begun =
                         [this](OpenScan const& scan) {
                             begun.push_back(scan);
                             return durable;
                         },
                     .ended =
                         [this](ScanEnd const& end) {
                             ended.push_back(end);
                             return durable;
                         },
                     .unopened = [this](std::string const& uid) { unopened.push_back(uid); }}) {}

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
    /// Listed, whether or not its cause has gone.
    bool alarmed(std::string const& name) const { return alarm(name).has_value(); }
    bool active(std::string const& name) const { return alarm(name).value_or(Alarm{"", "", 0, 0, false}).active; }
    std::optional<Alarm> alarm(std::string const& name) const {
        for (Alarm const& each : alarms.current())
            if (each.name == name) return each;
        return std::nullopt;
    }
    ReductionJob const& last() const {
        REQUIRE_FALSE(jobs.empty());
        return jobs.back();
    }
};

inline std::uint64_t total_counts(ReductionJob const& job) {
    std::uint64_t sum = 0;
    for (auto const& point : job.counts.frames)
        for (std::size_t b = 0; b < point->counts.size(); ++b) sum += counts_in(*point, b);
    return sum;
}

inline bool has_flag(ReductionJob const& job, std::string const& flag) {
    return std::find(job.flags.begin(), job.flags.end(), flag) != job.flags.end();
}

} // namespace sqd::test
