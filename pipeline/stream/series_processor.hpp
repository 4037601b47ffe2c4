// From detector messages to jobs for the reduction: a state machine without threads, sockets or a clock of its own.
#pragma once

#include "pipeline/core/parallel.hpp"
#include "pipeline/core/results.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/clock_watch.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/events.hpp"
#include "pipeline/stream/processor_config.hpp"
#include "pipeline/stream/reduction_job.hpp"
#include "pipeline/stream/scan_orders.hpp"
#include "pipeline/stream/series_bins.hpp"
#include "pipeline/stream/series_state.hpp"
#include "pipeline/stream/snapshots.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sqd {

struct RunningSeries;

/// Start and end of a series, for those who listen; and that one of before a restart waits to go on, and does.
struct SeriesNotice {
    /// joined, left: one of the series of an open scan.
    enum class What { start, end, aborted, interrupted, resumed, joined, left } what;
    ScanIdentity scan;
    /// How it ended: "end", "count", "next_start", "silence", "end_of_input", "command", "abort", "reset", "shutdown", "interruption".
    std::string reason;
    FrameAccounting frames;
    bool no_result = false; ///< it ended and left nothing: no frame came
};

/// What a heartbeat says of the running series.
struct Progress {
    bool running = false;
    ScanIdentity scan;
    FrameAccounting frames;
    double started_s = 0, last_frame_s = 0; ///< Clock::steady_s
    bool armed = false;                     ///< no frame of the series has come yet
    bool between = false;                   ///< two series of an open scan
    bool waiting = false;                   ///< of before a restart: the detector has not gone on with it yet
    std::string open_scan;                  ///< uid of the scan that control began, empty = none
    std::string refused;                    ///< why the series is not reduced, or why the last was not, until a good one or reset
};

/// Where the processor's output goes; called from the thread that calls it.
struct ProcessorHooks {
    std::function<void(ReductionJob)> reduce;
    std::function<void(SeriesNotice const&)> notice;
    std::function<void(Progress const&)> progress;
    std::function<double()> load;                           ///< how full the queue before on() is, 0 to 1; absent = it is empty
    std::function<void(SeriesOpening const&)> opening = {}; ///< a series began, or something more was said of it
    std::function<void(SeriesState)> checkpoint = {};       ///< as it stands; no next one comes while the sums of this are held
    /// Control began a scan: it waits for its first series. Whether a restart will know it.
    std::function<bool(OpenScan const&)> begun = {};
    /// Control ends a scan: told before anything of that is done. Whether a restart will know it.
    std::function<bool(ScanEnd const&)> ended = {};
    std::function<void(std::string const&)> unopened = {}; ///< uid of a begun scan that ended before any series came
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
    /// Takes over another configuration from the next series on, begun or resumed: same shape, mask and bins (what it has of them is not
    /// compared).
    void configure(ProcessorConfig config);
    /// Takes up a series that a restart interrupted, while none runs (assert). It waits for its next frame until the configured time has
    /// passed, then ends as it stands, for the reason "interruption". It goes on when an image of its name, or where images have none of
    /// its Frame::mark, comes whose number did not come before; if one comes whose number did, or the start of any series, another has
    /// begun. With a mark it waits no longer than silence would end it; with neither it ends at the next tick. Throws DataError for a state
    /// that cannot be.
    void resume(SeriesState const& state);
    /// Ends the series that was taken up, and its scan with it, as it stands, if it has not ended: for the reason "interruption".
    void end_interrupted();
    /// The same, as control had ended it before the restart: frames that came until then and are not here are missing.
    void end_interrupted(ScanEnd const& end);
    /// Takes up a scan that was begun before a restart and has no series yet: it stands open again.
    void resume(OpenScan scan);
    /// What control asked for. Whether a restart will know that it was done.
    bool obey(ScanOrder const& order);
    /// Ends the running series, if any, as it stands.
    void finish(std::string const& reason);
    Progress progress() const;

private:
    void take_configuration();
    bool open(OpenScan scan);
    bool tell_end(std::string const& reason, std::string const& request);
    void drop_unopened();
    void start(SeriesStart const& header, bool missed);
    void add(Frame frame);
    void add_float(FloatFrame const& frame);
    void open_bins(SeriesStart const& header);
    bool stays_open(std::string const& reason) const;
    void join(SeriesStart const& header, bool missed);
    void leave(std::string const& reason);
    void forget_series();
    void take_stranger(std::string const& reason);
    void watch_gaps();
    bool has_shape(std::uint64_t number, std::size_t rows, std::size_t cols);
    void lost(LostFrame const& frame);
    void end(SeriesEnd const& end);
    void flush();
    bool send_job(ResultState state);
    void take_announcement();
    void tell_opening();
    void checkpoint(double now);
    void wait_for_more(double now);
    bool goes_on_from(std::uint64_t number);
    double patience_with(RunningSeries const& series) const;
    double silence_of(RunningSeries const& series) const;
    void save_state();
    void refuse(std::string const& why);
    void report(std::string const& alarm, std::string const& message);
    void watch_load();
    void watch_clock();
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
    Snapshots<PixelSum> snapshots_;
    Snapshots<FrameSums> frame_sums_;
    std::vector<SeriesKey> finished_;  ///< the last few, to know late images
    std::optional<SeriesKey> cut_off_; ///< ended by control: what comes of it is late, even where series have no names
    std::optional<OpenScan> open_;     ///< was begun, and waits for its first series
    std::string fault_;                ///< why the last series was not reduced
    std::set<std::string> reported_;   ///< alarms of this series
    std::uint64_t gaps_at_ = 0;        ///< frames seen at which gaps are looked at next
    std::optional<SeriesStart> last_header_;
    std::optional<Frame> stranger_; ///< of an unknown series, while another runs
    ClockWatch clock_set_by_;
    bool overloaded_ = false; ///< frames come faster than they are summed: all else waits
};

} // namespace sqd
