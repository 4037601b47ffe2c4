// The life of a series: its start, its partial results, its end.
#include "pipeline/stream/series_processor.hpp"

#include "pipeline/stream/running_series.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sqd {

SeriesProcessor::SeriesProcessor(ProcessorConfig config, ParallelFor parallel_for, Clock const& clock, AnnouncementBoard& announcements,
                                 AlarmBoard& alarms, Counters& counters, ProcessorHooks hooks)
    : config_(std::move(config)), parallel_for_(std::move(parallel_for)), clock_(clock), announcements_(announcements), alarms_(alarms),
      counters_(counters), hooks_(std::move(hooks)) {
    watch_clock();
}

SeriesProcessor::~SeriesProcessor() = default;

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

} // namespace

void SeriesProcessor::on(StreamEvent event) {
    std::visit(Overloaded{[this](SeriesStart const& header) { start(header, false); }, [this](Frame& frame) { add(std::move(frame)); },
                          [this](FloatFrame const& frame) { add_float(frame); }, [this](EndOfInput) { finish("end_of_input"); },
                          [this](SeriesEnd const& message) { end(message); }, [this](LostFrame const& frame) { lost(frame); },
                          [this](BadMessage const& bad) {
                              report(fmt::format("bad_message_{}", name(bad.fault)),
                                     fmt::format("message dropped ({}): {}", name(bad.fault), bad.what));
                          }},
               event);
    if (series_ && series_->complete()) finish("count");
}

void SeriesProcessor::configure(ProcessorConfig config) {
    next_config_ = std::move(config);
}

void SeriesProcessor::take_configuration() {
    if (next_config_) config_ = *std::exchange(next_config_, std::nullopt);
}

void SeriesProcessor::start(SeriesStart const& header, bool missed) {
    std::optional<Frame> early; // it overtook its own start
    if (stranger_ && stranger_->series == header.series) early = std::exchange(stranger_, std::nullopt);
    watch_clock();                                             // what was before is not of this series
    while (series_ && !series_->between) finish("next_start"); // a stranger may open one in between
    if (!series_) take_configuration();
    std::erase(finished_, header.series); // series numbers repeat after a restart of the detector
    cut_off_.reset();
    for (auto const& alarm : std::exchange(reported_, {})) alarms_.clear(alarm); // they were of the series before
    gaps_at_ = 0;
    if (!missed) last_header_ = header;
    if (series_) {
        join(header, missed);
        if (early) add(std::move(*early));
        return;
    }
    series_ = std::make_unique<RunningSeries>(header, config_, missed);
    RunningSeries& series = *series_;
    series.started_s = series.last_event_s = clock_.steady_s();
    series.next_partial_s = series.started_s + config_.partial_period_s;
    if (auto taken = announcements_.series_started(open_.has_value())) {
        series.announced = std::move(taken->said);
        series.announcement_id = std::move(taken->id);
    }
    series.started_ns = clock_.utc_ns();
    series.announcement_taken = series.announced.has_value();
    series.next_checkpoint_s = series.started_s + 2 * config_.checkpoint_s;
    ScanAnnouncement said = series.announced.value_or(ScanAnnouncement{});
    if (open_) {
        series.begun = true;
        series.scan.uid = open_->uid;
        series.request = open_->request;
        said = merge(open_->said, said);
        open_.reset();
    }
    if (!header.appendix.empty() && header.appendix.front() == '{') {
        try {
            said = merge(std::move(said), parse_announcement(header.appendix, false));
        } catch (DataError const& error) {
            series.flags.emplace_back("appendix_not_understood");
            report("appendix", fmt::format("the header appendix is not understood: {}", error.what()));
        }
    }
    series.resolve(said, config_);
    open_bins(header);
    if (header.pixel_mask_applied == false && !header.pixel_mask) {
        series.add_flag("pixel_mask_unknown");
        report("pixel_mask",
               "the detector neither applies its pixel mask nor sends it (hot pixels count as signal) set header_detail to all");
    }
    ++counters_.series_started;
    spdlog::info("series {} started: {} '{}', {} frames expected{}", series.key.series_id, name(series.scan.role), series.scan.id,
                 series.expected, missed ? " (its start was missed)" : "");
    if (hooks_.notice)
        hooks_.notice(
            {SeriesNotice::What::start, series.scan, missed ? "start_missed" : "start", series.ledger.account(series.expected, false)});
    if (hooks_.progress) hooks_.progress(progress());
    tell_opening();
    series.last_event_s = clock_.steady_s(); // working out the bins was no silence
    if (early) add(std::move(*early));
}

/// The geometry of the running series, or why it is not reduced.
void SeriesProcessor::open_bins(SeriesStart const& header) {
    try {
        series_->use_bins(bins_of_(header, config_, parallel_for_));
        series_->bins_fingerprint = bins_of_.fingerprint();
        fault_.clear();
        alarms_.clear("refused");
    } catch (DataError const& error) {
        refuse(error.what());
    }
    series_->header.pixel_mask = bins_of_.pixel_mask();
}

void SeriesProcessor::refuse(std::string const& why) {
    RunningSeries& series = *series_;
    series.refused = fault_ = why;
    series.add_flag("refused");
    alarms_.raise("refused", why, clock_.utc_ns());
    spdlog::error("series {} is not reduced: {}", series.key.series_id, why);
}

bool SeriesProcessor::is_late(SeriesKey const& key) const {
    return std::find(finished_.begin(), finished_.end(), key) != finished_.end();
}

/// An alarm, and a line in the log the first time: a fault that repeats is one line, with its count in the alarm.
void SeriesProcessor::report(std::string const& alarm, std::string const& message) {
    reported_.insert(alarm);
    if (alarms_.raise(alarm, message, clock_.utc_ns())) spdlog::warn("{}", message);
}

/// What is known of a series whose start was missed: all, if it is the one that fell silent; its shape otherwise.
SeriesStart SeriesProcessor::adopted_start(SeriesKey const& key, std::size_t rows, std::size_t cols) const {
    if (last_header_ && last_header_->series == key) return *last_header_;
    SeriesStart start;
    start.series = key;
    start.rows = rows;
    start.cols = cols;
    return start;
}

/// The same of the series of an image, with what the image itself says of it. Where series have no names, counting begins with whichever
/// image comes first.
SeriesStart SeriesProcessor::adopted_start(Frame const& frame) const {
    SeriesStart start = adopted_start(frame.series, frame.rows, frame.cols);
    if (frame.about) {
        start = *frame.about;
        start.series = frame.series;
    }
    if (!frame.series_named) start.first_image.reset();
    return start;
}

void SeriesProcessor::end(SeriesEnd const& message) {
    if (!series_ || series_->between || !(message.any_series || message.series == series_->key)) return;
    finish("end");
}

/// Finals have a sum of their own; of partials one is out at a time, and while the reduction has it there is none (false): the next tick
/// tries again.
bool SeriesProcessor::send_job(ResultState state) {
    std::shared_ptr<PixelSum> sum;
    if (state != ResultState::partial)
        sum = std::make_shared<PixelSum>();
    else if (series_->needs_pixels() && !(sum = snapshots_.take()))
        return false;
    series_->at_last_partial = series_->in_sums();
    ReductionJob job = series_->job(state, config_, std::move(sum), parallel_for_);
    job.extras = !overloaded_;
    if (hooks_.reduce) hooks_.reduce(std::move(job));
    return true;
}

/// Frames first: while more than half of the queue waits, results are rarer and without what only adds to them, until it is nearly empty.
void SeriesProcessor::watch_load() {
    constexpr double high = 0.5, low = 0.1;
    double const load = hooks_.load ? hooks_.load() : 0;
    if (!overloaded_ && load > high) {
        overloaded_ = true;
        report("extras_left_out", "frames wait for their sums: partial results are rarer, finals go without peaks of points, systematic "
                                  "terms and replicas (frames come faster than this machine sums them)");
    } else if (overloaded_ && load < low) {
        overloaded_ = false;
        alarms_.clear("extras_left_out");
    }
}

/// Everything that waits goes by steady time; but times in results are wall time, and those of before and after do not fit each other.
void SeriesProcessor::watch_clock() {
    double const set_by_s = clock_set_by_(clock_);
    if (set_by_s == 0) return;
    report("clock_set", fmt::format("the machine's clock was set by {:+.1f} s (times in results of before and after do not fit each other) "
                                    "see what sets it",
                                    set_by_s));
    if (series_) series_->add_flag("clock_set");
}

double SeriesProcessor::partial_period_s() const {
    return overloaded_ ? std::max(config_.partial_period_s, config_.overload_period_s) : config_.partial_period_s;
}

void SeriesProcessor::tick() {
    watch_load();
    watch_clock();
    if (!series_) return;
    RunningSeries& series = *series_;
    double const now = clock_.steady_s();
    if (series.waits_until_s) return wait_for_more(now);
    take_announcement();
    bool const due = now >= series.next_partial_s;
    if (!series.batch.empty() && (due || now - series.batch_since_s >= config_.display_tick_s)) flush();
    if (due && series.in_sums() > series.at_last_partial && send_job(ResultState::partial)) {
        // Counted from when it was due, so that results keep their rate whatever the grid of ticks; what was missed is not made up for.
        double const period = partial_period_s();
        series.next_partial_s = std::max(series.next_partial_s, now - period / 2) + period;
    }
    if (series.ledger.seen() >= gaps_at_) watch_gaps();
    checkpoint(now);
    if (hooks_.progress) hooks_.progress(progress());
    if (series.ledger.seen() == 0) return; // armed and waiting for its trigger is no silence
    if (series.begun) return;              // its end will be told
    double const silent_s = now - series.last_event_s;
    bool const all_here = series.announced_count && series.expected > 0 && series.ledger.seen() >= series.expected;
    if (all_here && silent_s >= config_.count_grace_s) return finish("count");
    if (silent_s >= silence_of(series)) finish("silence");
}

/// After which the series has ended [s].
double SeriesProcessor::silence_of(RunningSeries const& series) const {
    constexpr double frames_of_silence = 3;
    return std::max(config_.end_silence_s, frames_of_silence * series.frame_time_s);
}

void SeriesProcessor::finish(std::string const& reason) {
    if (!series_) return;
    if (stays_open(reason)) return leave(reason);
    flush();
    watch_gaps();
    watch_clock();
    RunningSeries& series = *series_;
    take_announcement();
    if (series.ledger.seen() > series.at_last_checkpoint) save_state(); // until the result is saved
    bool const ordered = reason == "command", begun = series.begun;
    // Without a promised count, what came before an orderly end is all there was.
    // An end that comes before an interrupted series went on does not tell how many came meanwhile.
    bool const promised = !ordered && (series.announced_count || ((reason != "end" || series.waits_until_s) && series.expected > 0));
    if (!promised) series.expected = std::max(series.ledger.span(), series.ended_at);
    FrameAccounting const frames = series.ledger.account(series.expected, true);
    bool const nothing_reduced = !series.refused.empty() && (!begun || series.in_sums() == 0);
    bool const stopped = reason == "shutdown" || reason == "abort" || reason == "reset";
    // A command ended it, and a restart lost its last frames: they are missing, and it is as final as it was told to be.
    bool const its_end_is_lost = series.ledger.span() < frames.expected && !(ordered && series.in_sums() > 0);
    bool const cut_short = nothing_reduced || its_end_is_lost || stopped || series.waits_until_s;
    if (reason != "end" && reason != "count" && !(ordered && begun)) series.flags.push_back("ended_by_" + reason);
    if (series.series > 1) series.flags.push_back(fmt::format("series_in_scan:{}", series.series));
    if (frames.missing > 0) {
        series.flags.emplace_back("frames_missing");
        report("frames_missing",
               fmt::format("{} of {} frames of series {} are missing", frames.missing, frames.expected, series.key.series_id));
    }
    bool const armed = !series.frames_came; // and disarmed: nothing to reduce, and what was announced is still to come
    bool const unwanted = ordered || reason == "abort";
    if (armed && series.announced && !unwanted) announcements_.give_back(*series.announced);
    if (!armed) send_job(cut_short ? ResultState::aborted : ResultState::final);
    spdlog::info("series {} ended ({}): {} received, {} in the sums, {} rejected, {} missing", series.key.series_id, reason,
                 frames.received, frames.used, frames.rejected, frames.missing);
    if (hooks_.notice)
        hooks_.notice({cut_short ? SeriesNotice::What::aborted : SeriesNotice::What::end, series.scan, reason, frames, armed});
    if (reason != "silence") forget_series(); // a series that fell silent may go on, as a scan of its own
    if (ordered || stopped) cut_off_ = series.key;
    bool const left = series.between; // counted when it was left
    series_.reset();
    announcements_.series_ended();
    if (!left) ++counters_.series_finished;
    if (hooks_.progress) hooks_.progress(progress());
    take_stranger(reason);
}

/// The frame that waited to know its series opens it now.
void SeriesProcessor::take_stranger(std::string const& reason) {
    if (!stranger_) return;
    Frame waiting = *std::exchange(stranger_, std::nullopt);
    if (reason == "shutdown") return count_late(waiting.series, waiting.number);
    add(std::move(waiting));
}

/// From now on its images are late.
void SeriesProcessor::forget_series() {
    constexpr std::size_t remembered = 16;
    std::erase(finished_, series_->key);
    finished_.push_back(series_->key);
    if (finished_.size() > remembered) finished_.erase(finished_.begin());
}

Progress SeriesProcessor::progress() const {
    Progress out;
    out.refused = fault_;
    if (open_) {
        out.open_scan = out.scan.uid = open_->uid;
        out.scan.id = open_->said.name.value_or("");
        out.scan.role = open_->said.role.value_or(config_.scan.role);
        out.waiting = open_->kept;
    }
    if (!series_) return out;
    if (series_->begun) out.open_scan = series_->scan.uid;
    out.running = true;
    out.between = series_->between;
    out.armed = series_->seen_here() == 0;
    out.scan = series_->scan;
    out.frames = series_->ledger.account(series_->expected, false);
    out.started_s = series_->started_s;
    out.last_frame_s = series_->last_event_s;
    out.waiting = series_->waits_until_s.has_value();
    return out;
}

} // namespace sqd
