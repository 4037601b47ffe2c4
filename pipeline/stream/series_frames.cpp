// What becomes of a frame: which series it belongs to, its place there, whether it is taken.
#include "pipeline/stream/running_series.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace sqd {

void SeriesProcessor::count_late(SeriesKey const& key, std::uint64_t number) {
    ++counters_.frames_late;
    report("late_frames", fmt::format("frame {} of series {} came after the end of the series", number, key.series_id));
}

/// Enters the number of a frame of the running series, and makes it its place in the series. True when it is new.
bool SeriesProcessor::register_frame(std::uint64_t& number) {
    RunningSeries& series = *series_;
    series.last_event_s = clock_.steady_s();
    auto const place = series.place_of(number);
    switch (place ? series.ledger.enter(*place) : FrameLedger::Entry::out_of_range) {
    case FrameLedger::Entry::fresh: break;
    case FrameLedger::Entry::duplicate: ++counters_.frames_duplicate; return false;
    case FrameLedger::Entry::out_of_range:
        report("frame_number",
               fmt::format("frame number {} of series {} is beyond belief, the frame is dropped", number, series.key.series_id));
        ++counters_.frames_rejected;
        return false;
    }
    number = *place;
    if (!series.frames_came) {
        series.frames_came = true;
        ++series.revision;
        tell_opening();
    }
    return true;
}

/// True when the frame's series runs now. One frame of an unknown series may be a stray: it waits for a second one before the
/// running series is ended for it.
bool SeriesProcessor::belongs(Frame& frame) {
    if (series_ && series_->waits_until_s && series_->knows(frame)) {
        if (goes_on_from(frame.number)) {
            series_->key = frame.series; // as the decoder counts since its start, where the images do not name it
            return true;
        }
        finish("next_start");
        start(adopted_start(frame), frame.has_starts);
        return true;
    }
    bool const running = series_ && !series_->between && !series_->waits_until_s;
    if (running && series_->key == frame.series) return true;
    if (cut_off_ == frame.series || (frame.series_named && is_late(frame.series))) {
        count_late(frame.series, frame.number);
        return false;
    }
    if (!running) {
        start(adopted_start(frame), frame.has_starts);
        return true;
    }
    if (!frame.series_named) { // the decoder saw the count begin anew
        SeriesStart const next = adopted_start(frame);
        finish("next_start");
        start(next, frame.has_starts);
        return true;
    }
    if (!stranger_ || !(stranger_->series == frame.series)) {
        if (stranger_) count_late(stranger_->series, stranger_->number);
        stranger_ = std::move(frame);
        return false;
    }
    finish("next_start"); // opens the stranger's series with the frame that waited
    return series_ && !series_->between && series_->key == frame.series;
}

/// False, and the frame is rejected, when it is not of the configured shape.
bool SeriesProcessor::has_shape(std::uint64_t number, std::size_t rows, std::size_t cols) {
    if (rows == config_.geometry.rows && cols == config_.geometry.cols) return true;
    SeriesStart image;
    image.rows = rows;
    image.cols = cols;
    auto const sentence = config_.detector_disagreement ? config_.detector_disagreement(image) : std::nullopt;
    report("shape", fmt::format("frame {} of series {} was dropped: {}", number, series_->key.series_id,
                                sentence.value_or(fmt::format("it is {} x {} instead of {} x {} pixels", rows, cols, config_.geometry.rows,
                                                              config_.geometry.cols))));
    series_->ledger.rejected(number, "shape");
    ++counters_.frames_rejected;
    return false;
}

void SeriesProcessor::add(Frame frame) {
    if (!belongs(frame)) return;
    if (frame.about && series_->seen_here() == 0 && !series_->described) { // the start told little, the image tells more
        series_->learn(*frame.about, config_);
        SeriesStart described = *frame.about;
        described.series = series_->key;
        if (series_->refused.empty()) open_bins(described);
        ++series_->revision;
        tell_opening();
    }
    if (!frame.series_named && series_->seen_here() == 0) {
        series_->mark = frame.mark;
        if (series_->frames_came) { // else register_frame() tells
            ++series_->revision;
            tell_opening();
        }
    }
    if (!register_frame(frame.number)) return;
    RunningSeries& series = *series_;
    if (series.first_frame_ns == 0) series.first_frame_ns = frame.received_ns;
    series.last_frame_ns = frame.received_ns;
    auto const reject = [&](char const* reason) {
        series.ledger.rejected(frame.number, reason);
        ++counters_.frames_rejected;
    };
    if (!series.refused.empty()) return reject("refused");
    if (!has_shape(frame.number, frame.rows, frame.cols)) return;
    if (series.float_sum) return reject("mixed_pixel_types");
    if (series.batch.empty()) series.batch_since_s = clock_.steady_s();
    series.batch_bytes += frame.bytes + frame.tiles->working_bytes();
    series.batch.push_back(std::move(frame));
    if (series.batch.size() == batch_frames || series.batch_bytes >= config_.batch_bytes) flush();
}

void SeriesProcessor::add_float(FloatFrame const& frame) {
    if (!series_ || series_->between) start(adopted_start(frame.series, frame.pixels.rows, frame.pixels.cols), true);
    std::uint64_t number = frame.number;
    if (!(series_->key == frame.series)) return count_late(frame.series, number);
    if (!register_frame(number)) return;
    RunningSeries& series = *series_;
    if (series.first_frame_ns == 0) series.first_frame_ns = frame.received_ns;
    series.last_frame_ns = frame.received_ns;
    if (!series.refused.empty() || series.counts.frames() > 0 || !series.batch.empty()) {
        series.ledger.rejected(number, series.refused.empty() ? "mixed_pixel_types" : "refused");
        ++counters_.frames_rejected;
    } else if (has_shape(number, frame.pixels.rows, frame.pixels.cols)) {
        series.add(frame);
        series.ledger.accepted();
        ++counters_.frames_added;
    }
}

void SeriesProcessor::lost(LostFrame const& frame) {
    bool const late = is_late(frame.series) || cut_off_ == frame.series;
    if ((!series_ || series_->between) && !late) start(adopted_start(frame.series, 0, 0), true);
    if (!series_ || series_->between || !(series_->key == frame.series)) return count_late(frame.series, frame.number);
    if (series_->waits_until_s && (series_->mark || !goes_on_from(frame.number))) return count_late(frame.series, frame.number);
    std::uint64_t number = frame.number;
    if (!register_frame(number)) return;
    series_->ledger.rejected(number, "overload");
    ++counters_.frames_rejected;
    report("overload", fmt::format("frame {} of series {} was not taken: frames arrive faster than they are reduced", frame.number,
                                   frame.series.series_id));
}

void SeriesProcessor::flush() {
    if (!series_ || series_->batch.empty()) return;
    RunningSeries& series = *series_;
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
        auto const& counts = outcome.counts;
        counts->number = frame.number;
        counts->exposure_s = series.exposure_of(frame.exposure_s, frame.real_ns);
        counts->monitor = frame.monitor.value_or(1.0);
        series.counts.add(counts);
        series.ledger.accepted();
        ++counters_.frames_added;
    }
    series.batch.clear();
    series.batch_bytes = 0;
}

} // namespace sqd
