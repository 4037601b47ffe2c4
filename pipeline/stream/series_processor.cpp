#include "pipeline/stream/series_processor.hpp"

#include "pipeline/stream/frame_ledger.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace sqd {

std::string new_uuid() {
    std::random_device device;
    std::uniform_int_distribution<unsigned> byte(0, 255);
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    for (int i = 0; i < 16; ++i) {
        unsigned value = byte(device);
        if (i == 6) value = (value & 0x0fU) | 0x40U; // version 4, random
        if (i == 8) value = (value & 0x3fU) | 0x80U; // variant of RFC 4122
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += hex[value >> 4U];
        out += hex[value & 15U];
    }
    return out;
}

/// One series from its start to its final.
struct SeriesProcessor::Series {
    SeriesKey key;
    ScanIdentity scan;
    ScanAnnouncement said; ///< announced or in the appendix, merged
    ReductionConfig reduction;
    std::uint64_t expected = 0; ///< 0 = not known
    std::optional<std::uint64_t> header_count;
    bool announced_count = false;
    std::optional<ScanAnnouncement> announced; ///< taken from the board: given back if no frame comes
    std::optional<double> exposure_s;          ///< from the header
    double frame_time_s = 0;
    std::optional<FrameAccumulator> accumulator;
    std::vector<std::shared_ptr<FrameCounts const>> counts;
    std::vector<Frame> batch;
    double batch_since_s = 0, started_s = 0, last_event_s = 0, last_partial_s = 0;
    std::size_t at_last_partial = 0;
    FrameLedger ledger;
    std::uint64_t result = 0;
    std::vector<std::string> flags;
    std::string refused;
    std::int64_t first_frame_ns = 0, last_frame_ns = 0;
};

SeriesProcessor::SeriesProcessor(ProcessorConfig config, ParallelFor parallel_for, Clock const& clock, AnnouncementBoard& announcements,
                                 AlarmBoard& alarms, Counters& counters, ProcessorHooks hooks)
    : config_(std::move(config)), parallel_for_(std::move(parallel_for)), clock_(clock), announcements_(announcements), alarms_(alarms),
      counters_(counters), hooks_(std::move(hooks)) {}

SeriesProcessor::~SeriesProcessor() = default;

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// "x (header) against y (configuration)" when both are known and differ by more than `tolerance` relative.
std::optional<std::string> disagreement(char const* what, std::optional<double> header, double configured, double tolerance,
                                        char const* unit) {
    if (!header || configured <= 0 || std::abs(*header - configured) <= tolerance * configured) return std::nullopt;
    return fmt::format("{} disagrees (the detector says {:.6g} {}, the configuration {:.6g} {})", what, *header, unit, configured, unit);
}

/// A flag once, however often its cause comes.
void add_flag(std::vector<std::string>& flags, std::string const& flag) {
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
}

} // namespace

void SeriesProcessor::on(StreamEvent event) {
    std::visit(Overloaded{[this](SeriesStart const& header) { start(header, false); }, [this](Frame& frame) { add(std::move(frame)); },
                          [this](SeriesEnd const& message) { end(message); }, [this](LostFrame const& frame) { lost(frame); },
                          [this](BadMessage const& bad) {
                              report(fmt::format("bad_message_{}", name(bad.fault)),
                                     fmt::format("message dropped ({}): {}", name(bad.fault), bad.what));
                          }},
               event);
    if (series_ && complete()) finish("count");
}

void SeriesProcessor::start(SeriesStart const& header, bool missed) {
    std::optional<Frame> early; // it overtook its own start
    if (stranger_ && stranger_->series == header.series) early = std::exchange(stranger_, std::nullopt);
    if (series_) finish("next_start");
    std::erase(finished_, header.series); // series numbers repeat after a restart of the detector
    if (!missed) last_header_ = header;
    series_ = std::make_unique<Series>();
    Series& series = *series_;
    series.key = header.series;
    series.scan.uid = new_uuid();
    series.scan.series_id = header.series.series_id;
    series.scan.series_unique_id = header.series.unique_id;
    series.started_s = series.last_event_s = series.last_partial_s = clock_.steady_s();
    series.header_count = header.images_expected;
    series.exposure_s = header.count_time_s;
    series.frame_time_s = header.frame_time_s.value_or(header.count_time_s.value_or(0));
    series.reduction = config_.reduction;
    if (header.threshold_keV) series.reduction.threshold_keV = header.threshold_keV;
    if (missed) series.flags.emplace_back("start_missed");

    series.announced = announcements_.series_started();
    ScanAnnouncement said = series.announced.value_or(ScanAnnouncement{});
    if (!header.appendix.empty() && header.appendix.front() == '{') {
        try {
            said = merge(std::move(said), parse_announcement(header.appendix, false));
        } catch (DataError const& error) {
            series.flags.emplace_back("appendix_not_understood");
            report("appendix", fmt::format("the header appendix is not understood: {}", error.what()));
        }
    }
    resolve(series, said);
    open_series(series, header);
    ++counters_.series_started;
    spdlog::info("series {} started: {} '{}', {} frames expected{}", series.key.series_id, name(series.scan.role), series.scan.id,
                 series.expected, missed ? " (its start was missed)" : "");
    if (hooks_.notice)
        hooks_.notice(
            {SeriesNotice::What::start, series.scan, missed ? "start_missed" : "start", series.ledger.account(series.expected, false)});
    if (hooks_.progress) hooks_.progress(progress());
    series.last_event_s = clock_.steady_s(); // working out the bins was no silence
    if (early) add(std::move(*early));
}

/// Role, name, points, sample: what was said wins, then the configuration.
void SeriesProcessor::resolve(Series& series, ScanAnnouncement const& said) {
    series.said = said;
    series.scan.role = said.role.value_or(config_.scan.role);
    series.scan.id = said.name.value_or(fmt::format("series_{}", series.key.series_id));
    series.scan.mount = said.mount.value_or("");
    series.scan.parameters = said.parameters;
    bool const size_said = said.points || said.grid;
    series.scan.grid = size_said ? said.grid : (series.scan.role == Role::sample ? config_.scan.grid : std::nullopt);
    std::optional<std::uint64_t> points = size_said ? said.points : std::nullopt;
    if (!size_said && series.scan.role == Role::sample) points = config_.scan.points;
    // The header's number of images is an upper bound, not a promise: free-running detectors state a dummy.
    if (!points || (series.header_count && !size_said)) points = std::min(points.value_or(~0ULL), series.header_count.value_or(~0ULL));
    series.expected = *points == ~0ULL ? 0 : *points;
    if (series.scan.grid && series.scan.grid->rows * series.scan.grid->cols != series.expected) {
        series.scan.grid.reset();
        add_flag(series.flags, "grid_does_not_fit");
    }
    auto const& configured = config_.scan.grid;
    if (series.scan.grid && series.scan.grid->pitch_um.empty() && configured && configured->rows == series.scan.grid->rows &&
        configured->cols == series.scan.grid->cols) {
        series.scan.grid = configured; // the pitch and direction that nobody said again
    }
    series.announced_count = size_said;
    Sample& sample = series.reduction.sample;
    if (said.composition) {
        sample.composition = parse_composition(*said.composition);
        sample.density_g_cm3.reset(); // that of the configured sample is not this one's
    }
    if (said.density_g_cm3) sample.density_g_cm3 = said.density_g_cm3;
    if (said.thickness_um) sample.thickness_um = *said.thickness_um;
    if (said.thickness_sigma_um) sample.thickness_sigma_um = *said.thickness_sigma_um;
    if (said.transmission) sample.transmission = said.transmission;
    if (!said.transmission && (said.composition || said.density_g_cm3 || said.thickness_um)) sample.transmission.reset();
}

/// Checks the header against the configuration and readies the bins. Anything that disagrees refuses the series, with both values.
void SeriesProcessor::open_series(Series& series, SeriesStart const& header) {
    Geometry const& g = config_.geometry;
    if (header.rows != 0 && (header.rows != g.rows || header.cols != g.cols)) {
        bool const transposed = header.rows == g.cols && header.cols == g.rows;
        return refuse(series,
                      fmt::format("the image shape disagrees (the detector sends {} x {} rows x columns, the configuration has {} x {}{})",
                                  header.rows, header.cols, g.rows, g.cols, transposed ? ", transposed" : ""));
    }
    if (header.pixel_mask) last_pixel_mask_ = header.pixel_mask;
    for (auto const& problem : {disagreement("the photon energy", header.energy_keV, config_.reduction.energy_keV, 1e-3, "keV"),
                                disagreement("the wavelength", header.wavelength_A, g.wavelength_A, 1e-3, "A"),
                                disagreement("the pixel size", header.pixel1_m, g.pixel1_m, 1e-6, "m"),
                                disagreement("the pixel size", header.pixel2_m, g.pixel2_m, 1e-6, "m")}) {
        if (problem) return refuse(series, *problem);
    }
    Mask mask = config_.mask;
    if (config_.stream_mask && last_pixel_mask_ && !last_pixel_mask_->empty()) {
        if (last_pixel_mask_->size() != mask.size()) return refuse(series, "the detector's pixel mask has another shape than its images");
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if ((*last_pixel_mask_)[i] != 0) mask.pixels[i] = 1;
        }
    }
    try {
        if (!bins_ || !(mask == bins_mask_)) {
            bins_ = std::make_shared<BinMap const>(
                build_bin_map(g, mask, config_.integration, config_.sensor, config_.reduction.energy_keV, parallel_for_));
            bins_mask_ = std::move(mask);
        }
        series.accumulator.emplace(bins_);
    } catch (DataError const& error) {
        bins_.reset();
        refuse(series, error.what());
    }
}

void SeriesProcessor::refuse(Series& series, std::string const& why) {
    series.refused = why;
    series.flags.emplace_back("refused");
    alarms_.raise("refused", why, clock_.utc_ns());
    spdlog::error("series {} is not reduced: {}", series.key.series_id, why);
}

bool SeriesProcessor::is_late(SeriesKey const& key) const {
    return std::find(finished_.begin(), finished_.end(), key) != finished_.end();
}

/// An alarm, and a line in the log the first time: a fault that repeats is one line, with its count in the alarm.
void SeriesProcessor::report(std::string const& alarm, std::string const& message) {
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

void SeriesProcessor::count_late(SeriesKey const& key, std::uint64_t number) {
    ++counters_.frames_late;
    report("late_frames", fmt::format("frame {} of series {} came after the end of the series", number, key.series_id));
}

/// Enters the number of a frame of the running series. True when it is new.
bool SeriesProcessor::register_frame(std::uint64_t number) {
    Series& series = *series_;
    series.last_event_s = clock_.steady_s();
    switch (series.ledger.enter(number)) {
    case FrameLedger::Entry::fresh: return true;
    case FrameLedger::Entry::duplicate: ++counters_.frames_duplicate; return false;
    case FrameLedger::Entry::out_of_range: break;
    }
    report("frame_number",
           fmt::format("frame number {} of series {} is beyond belief, the frame is dropped", number, series.key.series_id));
    ++counters_.frames_rejected;
    return false;
}

/// True when the frame's series runs now. One frame of an unknown series may be a stray: it waits for a second one before the
/// running series is ended for it.
bool SeriesProcessor::belongs(Frame& frame) {
    if (series_ && series_->key == frame.series) return true;
    if (is_late(frame.series)) {
        count_late(frame.series, frame.number);
        return false;
    }
    if (!series_) {
        start(adopted_start(frame.series, frame.rows, frame.cols), true);
        return true;
    }
    if (!stranger_ || !(stranger_->series == frame.series)) {
        if (stranger_) count_late(stranger_->series, stranger_->number);
        stranger_ = std::move(frame);
        return false;
    }
    finish("next_start"); // opens the stranger's series with the frame that waited
    return series_ && series_->key == frame.series;
}

void SeriesProcessor::add(Frame frame) {
    if (!belongs(frame) || !register_frame(frame.number)) return;
    Series& series = *series_;
    if (series.first_frame_ns == 0) series.first_frame_ns = frame.received_ns;
    series.last_frame_ns = frame.received_ns;
    auto const reject = [&](char const* reason) {
        series.ledger.rejected(frame.number, reason);
        ++counters_.frames_rejected;
    };
    if (!series.refused.empty()) return reject("refused");
    if (frame.rows != config_.geometry.rows || frame.cols != config_.geometry.cols) {
        report("shape", fmt::format("frame {} of series {} is {} x {} instead of {} x {} pixels and was dropped", frame.number,
                                    series.key.series_id, frame.rows, frame.cols, config_.geometry.rows, config_.geometry.cols));
        return reject("shape");
    }
    if (series.counts.size() + series.batch.size() >= config_.max_points) {
        report("max_points",
               fmt::format("series {} has more than {} points, the rest is not reduced", series.key.series_id, config_.max_points));
        return reject("max_points");
    }
    if (series.batch.empty()) series.batch_since_s = clock_.steady_s();
    series.batch.push_back(std::move(frame));
    if (series.batch.size() == batch_frames) flush();
}

void SeriesProcessor::lost(LostFrame const& frame) {
    if (!series_ && !is_late(frame.series)) start(adopted_start(frame.series, 0, 0), true);
    if (!series_ || !(series_->key == frame.series)) return count_late(frame.series, frame.number);
    if (!register_frame(frame.number)) return;
    series_->ledger.rejected(frame.number, "overload");
    ++counters_.frames_rejected;
    report("overload", fmt::format("frame {} of series {} was not taken: frames arrive faster than they are reduced", frame.number,
                                   frame.series.series_id));
}

void SeriesProcessor::end(SeriesEnd const& message) {
    if (!series_ || !(message.any_series || message.series == series_->key)) return;
    finish("end");
}

/// The detector said how many images there would be, and they are all here.
bool SeriesProcessor::complete() const {
    return series_->header_count && series_->ledger.seen() >= *series_->header_count;
}

/// Seconds that a frame was exposed: as the header says, else the image, else the time it was really open; 1 and a flag if nobody knows.
double SeriesProcessor::exposure_of(Series& series, Frame const& frame) {
    if (series.exposure_s) return *series.exposure_s;
    if (frame.exposure_s && *frame.exposure_s > 0) return *frame.exposure_s;
    if (frame.real_ns && *frame.real_ns > 0) {
        add_flag(series.flags, "exposure_from_images");
        return static_cast<double>(*frame.real_ns) * 1e-9;
    }
    add_flag(series.flags, exposure_unknown_flag);
    return 1;
}

void SeriesProcessor::flush() {
    if (!series_ || series_->batch.empty()) return;
    Series& series = *series_;
    std::vector<FrameOutcome> const outcomes = series.accumulator->add(series.batch, parallel_for_);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        Frame const& frame = series.batch[i];
        FrameOutcome const& outcome = outcomes[i];
        if (!outcome.counts) {
            series.ledger.rejected(frame.number, outcome.reason);
            ++counters_.frames_rejected;
            report("rejected_" + outcome.reason, fmt::format("frame {} of series {} was rejected ({}): {}", frame.number,
                                                             series.key.series_id, outcome.reason, outcome.detail));
            continue;
        }
        auto counts = std::make_shared<FrameCounts>(*outcome.counts);
        counts->number = frame.number;
        counts->exposure_s = exposure_of(series, frame);
        counts->monitor = frame.monitor.value_or(1.0);
        series.counts.push_back(std::move(counts));
        series.ledger.accepted();
        ++counters_.frames_added;
    }
    series.batch.clear();
}

/// The frames with what was announced of the beam up to now: a monitor may be told late, and is then that of all frames. A point that
/// a list leaves out has none (0): the selection rejects it.
std::vector<std::shared_ptr<FrameCounts const>> SeriesProcessor::weighted_counts(Series const& series) const {
    auto const& monitor = series.said.monitor;
    double const attenuation = series.said.attenuation.value_or(1.0);
    if (monitor.empty() && attenuation == 1.0) return series.counts;
    std::vector<std::shared_ptr<FrameCounts const>> out;
    for (auto const& counts : series.counts) {
        auto weighted = std::make_shared<FrameCounts>(*counts);
        if (monitor.size() == 1) weighted->monitor = monitor[0];
        if (monitor.size() > 1) weighted->monitor = counts->number < monitor.size() ? monitor[counts->number] : 0.0;
        weighted->monitor *= attenuation;
        out.push_back(std::move(weighted));
    }
    return out;
}

void SeriesProcessor::send_job(ResultState state) {
    Series& series = *series_;
    bool const ended = state != ResultState::partial;
    ReductionJob job;
    job.scan = series.scan;
    job.result = ++series.result;
    job.state = state;
    job.counts = {.bins = bins_, .frames = weighted_counts(series)};
    job.attenuation = series.said.attenuation.value_or(1.0);
    job.frames = series.ledger.account(series.expected, ended);
    if (ended) job.rejected = series.ledger.rejections();
    job.config = series.reduction;
    job.map = series.scan.grid.has_value() && series.scan.role == Role::sample;
    job.background_use = config_.background_use;
    job.background_scan = config_.background_scan;
    job.flags = series.flags;
    job.first_frame_ns = series.first_frame_ns;
    job.last_frame_ns = series.last_frame_ns;
    series.at_last_partial = series.counts.size();
    series.last_partial_s = clock_.steady_s();
    if (hooks_.reduce) hooks_.reduce(std::move(job));
}

void SeriesProcessor::tick() {
    if (!series_) return;
    Series& series = *series_;
    double const now = clock_.steady_s();
    if (auto update = announcements_.take_for_running()) resolve(series, merge(std::move(*update), series.said));
    if (!series.batch.empty() && now - series.batch_since_s >= config_.display_tick_s) flush();
    if (now - series.last_partial_s >= config_.partial_period_s && series.counts.size() > series.at_last_partial)
        send_job(ResultState::partial);
    if (hooks_.progress) hooks_.progress(progress());
    if (series.ledger.seen() == 0) return; // armed and waiting for its trigger is no silence
    double const silent_s = now - series.last_event_s;
    bool const all_here = series.announced_count && series.expected > 0 && series.ledger.seen() >= series.expected;
    if (all_here && silent_s >= config_.count_grace_s) return finish("count");
    constexpr double frames_of_silence = 3;
    if (silent_s >= std::max(config_.end_silence_s, frames_of_silence * series.frame_time_s)) finish("silence");
}

void SeriesProcessor::finish(std::string const& reason) {
    if (!series_) return;
    flush();
    Series& series = *series_;
    if (auto update = announcements_.take_for_running()) resolve(series, merge(std::move(*update), series.said));
    // Without a promised count, what came before an orderly end is all there was.
    bool const promised = series.announced_count || (reason != "end" && series.expected > 0);
    if (!promised) series.expected = series.ledger.span();
    FrameAccounting const frames = series.ledger.account(series.expected, true);
    bool const cut_short = !series.refused.empty() || series.ledger.span() < frames.expected || reason == "shutdown";
    if (reason != "end" && reason != "count") series.flags.push_back("ended_by_" + reason);
    if (frames.missing > 0) {
        series.flags.emplace_back("frames_missing");
        report("frames_missing",
               fmt::format("{} of {} frames of series {} are missing", frames.missing, frames.expected, series.key.series_id));
    }
    bool const empty = series.ledger.seen() == 0; // armed and disarmed: nothing to reduce, and what was announced is still to come
    if (empty && series.announced) announcements_.give_back(*series.announced);
    if (!empty) send_job(cut_short ? ResultState::aborted : ResultState::final);
    spdlog::info("series {} ended ({}): {} received, {} in the sums, {} rejected, {} missing", series.key.series_id, reason,
                 frames.received, frames.used, frames.rejected, frames.missing);
    if (hooks_.notice) hooks_.notice({cut_short ? SeriesNotice::What::aborted : SeriesNotice::What::end, series.scan, reason, frames});
    constexpr std::size_t remembered = 16;
    if (reason != "silence") finished_.push_back(series.key); // a series that fell silent may go on, as a scan of its own
    if (finished_.size() > remembered) finished_.erase(finished_.begin());
    series_.reset();
    announcements_.series_ended();
    ++counters_.series_finished;
    if (hooks_.progress) hooks_.progress(progress());
    if (!stranger_) return;
    Frame waiting = *std::exchange(stranger_, std::nullopt);
    if (reason == "shutdown") return count_late(waiting.series, waiting.number);
    add(std::move(waiting));
}

Progress SeriesProcessor::progress() const {
    Progress out;
    if (!series_) return out;
    out.running = true;
    out.scan = series_->scan;
    out.frames = series_->ledger.account(series_->expected, false);
    out.started_s = series_->started_s;
    out.last_frame_s = series_->last_event_s;
    out.refused = series_->refused;
    return out;
}

} // namespace sqd
