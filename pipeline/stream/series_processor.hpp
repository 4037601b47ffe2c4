// From detector messages to jobs for the reduction: a state machine without threads, sockets or a clock of its own.
#pragma once

#include "pipeline/core/parallel.hpp"
#include "pipeline/core/results.hpp"
#include "pipeline/reduce/frame_accumulator.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/events.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What is fixed for all series.
struct ProcessorConfig {
    Geometry geometry;
    Mask mask;               ///< detector gaps and mask files
    bool stream_mask = true; ///< OR the detector's own pixel mask
    IntegrationConfig integration;
    std::optional<Sensor> sensor;
    ReductionConfig reduction;
    ScanDefaults scan;
    BackgroundUse background_use = BackgroundUse::latest;
    std::string background_scan;
    double partial_period_s = 0.5;  ///< 1 / results.rate_hz
    double display_tick_s = 0.1;    ///< a batch that does not fill within it is added as it is
    double end_silence_s = 10;      ///< a series silent for so long has ended
    double count_grace_s = 1;       ///< announced count reached, header silent about it: silence after which it has ended
    std::size_t max_points = 20000; ///< frames whose counts are kept
};

/// What the reduction of a scan needs; a value, cheap to copy.
struct ReductionJob {
    ScanIdentity scan;
    std::uint64_t result = 0;
    ResultState state = ResultState::partial;
    ScanCounts counts;
    FrameAccounting frames;              ///< before the selection of points: used = accepted
    std::vector<RejectedFrame> rejected; ///< finals only
    ReductionConfig config;
    double attenuation = 1;
    bool map = false; ///< points may lie off the sample
    BackgroundUse background_use = BackgroundUse::latest;
    std::string background_scan;
    std::vector<std::string> flags; ///< "start_missed", "ended_by_silence", ...
    std::int64_t first_frame_ns = 0, last_frame_ns = 0;
};

/// Flag of a scan whose frames' exposure nobody told: its intensities are per frame, not per second.
inline constexpr char const* exposure_unknown_flag = "exposure_unknown";

/// Start and end of a series, for those who listen.
struct SeriesNotice {
    enum class What { start, end, aborted } what;
    ScanIdentity scan;
    std::string reason; ///< how it ended: "end", "count", "next_start", "silence", "shutdown"
    FrameAccounting frames;
};

/// What a heartbeat says of the running series.
struct Progress {
    bool running = false;
    ScanIdentity scan;
    FrameAccounting frames;
    double started_s = 0, last_frame_s = 0; ///< Clock::steady_s
    std::string refused;                    ///< why the series is not reduced, empty = it is
};

/// Where the processor's output goes; called from the thread that calls it.
struct ProcessorHooks {
    std::function<void(ReductionJob)> reduce;
    std::function<void(SeriesNotice const&)> notice;
    std::function<void(Progress const&)> progress;
};

/// Not thread-safe: one thread calls on(), tick() and finish(). The clock, boards and counters outlive it.
class SeriesProcessor {
public:
    SeriesProcessor(ProcessorConfig config, ParallelFor parallel_for, Clock const& clock, AnnouncementBoard& announcements,
                    AlarmBoard& alarms, Counters& counters, ProcessorHooks hooks);
    ~SeriesProcessor();

    /// Any bytes a detector sent become at worst a counter and an alarm: never throws for what came from outside.
    void on(StreamEvent event);
    /// To be called at least every display tick: flushes batches, sends partials, notices silence.
    void tick();
    /// Ends the running series, if any, as it stands.
    void finish(std::string const& reason);
    Progress progress() const;

private:
    struct Series;
    void start(SeriesStart const& header, bool missed);
    void add(Frame frame);
    void lost(LostFrame const& frame);
    void end(SeriesEnd const& end);
    void open_series(Series& series, SeriesStart const& header);
    void flush();
    void send_job(ResultState state);
    void refuse(Series& series, std::string const& why);
    void resolve(Series& series, ScanAnnouncement const& said);
    void report(std::string const& alarm, std::string const& message);
    void count_late(SeriesKey const& key, std::uint64_t number);
    SeriesStart adopted_start(SeriesKey const& key, std::size_t rows, std::size_t cols) const;
    bool belongs(Frame& frame);
    bool register_frame(std::uint64_t number);
    double exposure_of(Series& series, Frame const& frame);
    std::vector<std::shared_ptr<FrameCounts const>> weighted_counts(Series const& series) const;
    bool is_late(SeriesKey const& key) const;
    bool complete() const;

    ProcessorConfig config_;
    ParallelFor parallel_for_;
    Clock const& clock_;
    AnnouncementBoard& announcements_;
    AlarmBoard& alarms_;
    Counters& counters_;
    ProcessorHooks hooks_;
    std::unique_ptr<Series> series_;
    std::vector<SeriesKey> finished_;    ///< the last few, to know late images
    std::shared_ptr<BinMap const> bins_; ///< of the last series
    Mask bins_mask_;
    std::shared_ptr<std::vector<std::uint32_t> const> last_pixel_mask_; ///< of the last series whose shape was right
    std::optional<SeriesStart> last_header_;
    std::optional<Frame> stranger_; ///< of an unknown series, while another runs
};

/// A random UUID (version 4) as text.
std::string new_uuid();

} // namespace sqd
