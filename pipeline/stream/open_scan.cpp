// Scans that control begins, ends and aborts: several series may make one scan.
#include "pipeline/core/errors.hpp"
#include "pipeline/stream/regular_gaps.hpp"
#include "pipeline/stream/running_series.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sqd {

void RunningSeries::use_bins(std::shared_ptr<BinMap const> bins) {
    bool const fixed = accumulator && in_sums() > 0;
    if (fixed && accumulator->shared_bins() != bins)
        throw DataError("the series has other bins than the scan that is open (another mask or flat field) end that scan first");
    if (!fixed) accumulator.emplace(std::move(bins));
}

void RunningSeries::leave(bool missed) {
    std::uint64_t const promised = missed && header_count && *header_count < max_frame_number ? first_place + *header_count : 0;
    first_place = std::max(ledger.span(), promised);
    seen_before = ledger.seen();
    if (!announced_count) expected = first_place;
    between = true;
    waits_until_s.reset();
}

void RunningSeries::join(SeriesStart const& start, ProcessorConfig const& config, bool missed) {
    auto const mask = start.pixel_mask ? start.pixel_mask : header.pixel_mask;
    header = start;
    header.pixel_mask = mask;
    told_by_image.reset();
    ++revision;
    between = false;
    refused.clear();
    ++series;
    key = header.series;
    header_count = header.images_expected;
    exposure_s = header.count_time_s;
    frame_time_s = header.frame_time_s.value_or(header.count_time_s.value_or(0));
    first_image = header.first_image;
    first_image_told = header.first_image.has_value();
    mark.reset();
    described = header.rows != 0 || header.energy_keV || header.wavelength_A;
    if (!announced_count && header_count) expected = first_place + *header_count;
    if (missed) add_flag("start_missed");
    learn_counting(header, config);
    auto const& threshold = reduction.threshold_keV;
    if (header.threshold_keV && threshold && *header.threshold_keV != *threshold)
        throw DataError(
            fmt::format("the threshold is not that of the scan that is open ({:.6g} keV, and {:.6g} keV before) end that scan first",
                        *header.threshold_keV, *threshold));
}

bool SeriesProcessor::open(OpenScan scan) {
    drop_unopened();
    open_ = std::move(scan);
    return !hooks_.begun || hooks_.begun(*open_);
}

/// Of all that stands open.
bool SeriesProcessor::tell_end(std::string const& reason, std::string const& request) {
    if (!hooks_.ended) return true;
    bool durable = true;
    if (series_) durable = hooks_.ended({series_->scan.uid, series_->scan.id, reason, series_->ledger.span(), request});
    if (open_) durable = hooks_.ended({open_->uid, open_->said.name.value_or(""), reason, 0, request}) && durable;
    return durable;
}

void SeriesProcessor::drop_unopened() {
    if (!open_) return;
    spdlog::info("scan '{}' ({}) ended before its first series", open_->said.name.value_or(""), open_->uid);
    if (hooks_.unopened) hooks_.unopened(open_->uid);
    open_.reset();
}

bool SeriesProcessor::obey(ScanOrder const& order) {
    using What = ScanOrder::What;
    bool durable = true;
    switch (order.what) {
    case What::begin: durable = open(order.scan); break;
    case What::end:
        durable = tell_end("command", order.request);
        finish("command");
        drop_unopened();
        break;
    case What::abort:
        durable = tell_end("abort", order.request);
        finish("abort");
        drop_unopened();
        break;
    case What::reset:
        if (!fault_.empty()) {
            durable = tell_end("reset", order.request);
            finish("reset");
        }
        fault_.clear();
        drop_unopened();
        alarms_.clear("refused");
        break;
    }
    if (hooks_.progress) hooks_.progress(progress());
    return durable;
}

/// An open scan outlives its series.
bool SeriesProcessor::stays_open(std::string const& reason) const {
    return series_->begun && (reason == "end" || reason == "count" || reason == "next_start" || reason == "interruption");
}

void SeriesProcessor::leave(std::string const& reason) {
    flush();
    watch_gaps();
    RunningSeries& series = *series_;
    forget_series();
    ++counters_.series_finished;
    series.leave(reason == "next_start" || reason == "interruption");
    save_state();
    FrameAccounting const frames = series.ledger.account(series.expected, false);
    spdlog::info("series {} ended ({}), its scan '{}' goes on: {} received, {} in the sums", series.key.series_id, reason, series.scan.id,
                 frames.received, frames.used);
    if (hooks_.notice) hooks_.notice({SeriesNotice::What::left, series.scan, reason, frames});
    if (hooks_.progress) hooks_.progress(progress());
    take_stranger(reason);
}

void SeriesProcessor::join(SeriesStart const& header, bool missed) {
    RunningSeries& series = *series_;
    try {
        series.join(header, config_, missed);
        open_bins(header);
    } catch (DataError const& error) {
        refuse(error.what());
    }
    tell_opening();
    ++counters_.series_started;
    series.last_event_s = clock_.steady_s();
    spdlog::info("series {} joins the scan '{}' from its frame {} on{}", series.key.series_id, series.scan.id, series.first_place,
                 missed ? " (its start was missed)" : "");
    FrameAccounting const frames = series.ledger.account(series.expected, false);
    if (hooks_.notice) hooks_.notice({SeriesNotice::What::joined, series.scan, missed ? "start_missed" : "start", frames});
    if (hooks_.progress) hooks_.progress(progress());
}

/// Looked at each time twice as many frames are here, and at the end: a look goes over all of them.
void SeriesProcessor::watch_gaps() {
    RunningSeries const& series = *series_;
    constexpr std::uint64_t fewest_frames = 16;
    gaps_at_ = std::max(fewest_frames, 2 * series.ledger.seen());
    if (series.ledger.seen() == series.ledger.span() || series.between) return;
    if (auto const gaps = regular_gaps(series.ledger.came(), series.first_place))
        report("frames_taken_away", words(*gaps, series.key.series_id));
}

} // namespace sqd
