// A running series to a value and back.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/joined_frames.hpp"
#include "pipeline/stream/running_series.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sqd {

namespace {

/// A checksum says that the bytes are those that were written; this, that they can be what the sums are gone on with.
bool fits(BinMap const& bins, SeriesProgress const& progress) {
    std::size_t const size = bins.axis.size();
    return progress.sums->frames == frames_in(progress.counts) && progress.sums->pixels.size() == bins.pixels() &&
           (progress.sums->invalid_frames.empty() || progress.sums->invalid_frames.size() == bins.pixels()) &&
           std::all_of(progress.counts.begin(), progress.counts.end(), [size](auto const& point) { return consistent(*point, size); });
}

} // namespace

RunningSeries::RunningSeries(SeriesState const& state, ProcessorConfig const& config) : RunningSeries(state.opening.header, config, false) {
    SeriesOpening const& opening = state.opening;
    SeriesProgress const& progress = state.progress;
    if (opening.told_by_image) learn(*opening.told_by_image, config);
    scan = opening.scan;
    said = opening.said;
    announced = opening.announced;
    frames_came = opening.frames_came;
    mark = opening.mark;
    announcement_taken = opening.announcement_taken;
    reduction.sample = opening.sample;
    expected = opening.expected;
    announced_count = opening.announced_count;
    begun = opening.begun;
    request = opening.request;
    first_place = progress.first_place;
    seen_before = progress.seen_before;
    series = progress.series;
    between = progress.between;
    result = opening.reserved_results;
    reserved_results = opening.reserved_results + result_numbers;
    revision = opening.revision + 1;
    started_ns = opening.started_ns;
    ledger = FrameLedger(progress.ledger);
    if (progress.ledger.accepted != frames_in(progress.counts)) throw DataError("a series without the counts of all its frames");
    if (progress.first_image) first_image = progress.first_image;
    counts = FrameWindows(progress.counts, progress.window, config.max_points);
    flags = progress.flags;
    refused = progress.refused;
    first_frame_ns = progress.first_frame_ns;
    last_frame_ns = progress.last_frame_ns;
    at_last_partial = counts.frames();
    at_last_checkpoint = ledger.seen();
    add_flag("interrupted");
}

bool RunningSeries::knows(Frame const& frame) const {
    if (frame.series_named) return !mark && key == frame.series;
    return mark && !mark->empty() && *mark == frame.mark;
}

void RunningSeries::restore_sums(SeriesProgress const& progress) {
    if (counts.frames() == 0) return;
    if (accumulator && progress.sums && progress.bins == bins_fingerprint && fits(accumulator->bins(), progress))
        return accumulator->restore(*progress.sums);
    for (auto const& point : counts.points())
        for_each_frame(*point, [this](JoinedFrame const& frame, auto) { ledger.taken_back(frame.number, "other_bins"); });
    counts.clear();
    at_last_partial = 0;
    add_flag("interrupted_on_other_bins");
}

SeriesOpening RunningSeries::opening() const {
    return {header,   told_by_image,   scan,  said,    announced, frames_came,      mark,     announcement_taken, reduction.sample,
            expected, announced_count, begun, request, config_id, reserved_results, revision, started_ns,         announcement_id};
}

SeriesState RunningSeries::state(std::shared_ptr<FrameSums> sums, ParallelFor const& parallel_for) const {
    assert(batch.empty() && !float_sum);
    SeriesState out{opening(), {}};
    SeriesProgress& progress = out.progress;
    progress.ledger = ledger.entries();
    progress.first_place = first_place;
    progress.seen_before = seen_before;
    progress.series = series;
    progress.between = between;
    progress.first_image = first_image;
    progress.counts = counts.points();
    progress.window = counts.window();
    if (accumulator && accumulator->frames() > 0) {
        accumulator->copy(*sums, parallel_for);
        progress.sums = std::move(sums);
        progress.bins = bins_fingerprint;
    }
    progress.flags = flags;
    progress.refused = refused;
    progress.first_frame_ns = first_frame_ns;
    progress.last_frame_ns = last_frame_ns;
    progress.ran_s = last_event_s - started_s;
    return out;
}

} // namespace sqd
