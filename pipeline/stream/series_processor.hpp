// From detector messages to jobs for the reduction: a state machine without threads, sockets or a clock of its own.
#pragma once

#include "pipeline/core/parallel.hpp"
#include "pipeline/core/results.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/events.hpp"
#include "pipeline/stream/processor_config.hpp"
#include "pipeline/stream/reduction_job.hpp"
#include "pipeline/stream/series_bins.hpp"
#include "pipeline/stream/sum_snapshots.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

struct RunningSeries;

/// Start and end of a series, for those who listen.
struct SeriesNotice {
    enum class What { start, end, aborted } what;
    ScanIdentity scan;
    std::string reason; ///< how it ended: "end", "count", "next_start", "silence", "end_of_input", "shutdown"
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
    std::function<double()> load; ///< how full the queue before on() is, 0 to 1; absent = it is empty
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
    /// Takes over another configuration from the next series on: same shape, mask and bins (what it has of them is not compared).
    void configure(ProcessorConfig config);
    /// Ends the running series, if any, as it stands.
    void finish(std::string const& reason);
    Progress progress() const;

private:
    void start(SeriesStart const& header, bool missed);
    void add(Frame frame);
    void add_float(FloatFrame const& frame);
    void open_bins(SeriesStart const& header);
    bool has_shape(std::uint64_t number, std::size_t rows, std::size_t cols);
    void lost(LostFrame const& frame);
    void end(SeriesEnd const& end);
    void flush();
    bool send_job(ResultState state);
    void refuse(std::string const& why);
    void report(std::string const& alarm, std::string const& message);
    void watch_load();
    double partial_period_s() const;
    void count_late(SeriesKey const& key, std::uint64_t number);
    SeriesStart adopted_start(SeriesKey const& key, std::size_t rows, std::size_t cols) const;
    SeriesStart adopted_start(Frame const& frame) const;
    bool belongs(Frame& frame);
    bool register_frame(std::uint64_t& number);
    bool is_late(SeriesKey const& key) const;

    ProcessorConfig config_;
    ParallelFor parallel_for_;
    Clock const& clock_;
    AnnouncementBoard& announcements_;
    AlarmBoard& alarms_;
    Counters& counters_;
    ProcessorHooks hooks_;
    std::optional<ProcessorConfig> next_config_; ///< of the next series
    std::unique_ptr<RunningSeries> series_;
    SeriesBins bins_of_;
    SumSnapshots snapshots_;
    std::vector<SeriesKey> finished_; ///< the last few, to know late images
    std::optional<SeriesStart> last_header_;
    std::optional<Frame> stranger_; ///< of an unknown series, while another runs
    bool overloaded_ = false;       ///< frames come faster than they are summed: all else waits
};

} // namespace sqd
