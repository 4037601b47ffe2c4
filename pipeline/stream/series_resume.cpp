// A series across a restart of the program: what is handed out while it runs, and how it is taken up again.
#include "pipeline/stream/running_series.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

namespace sqd {

/// What was said of the running series since it began.
void SeriesProcessor::take_announcement() {
    auto update = announcements_.take_for_running();
    if (!update) return;
    series_->announcement_taken = true;
    series_->announcement_id = update->id;
    series_->resolve(merge(std::move(update->said), series_->said), config_);
    ++series_->revision;
    tell_opening();
}

void SeriesProcessor::tell_opening() {
    if (hooks_.opening) hooks_.opening(series_->opening());
}

void SeriesProcessor::checkpoint(double now) {
    RunningSeries& series = *series_;
    if (series.result + result_numbers / 2 > series.reserved_results) {
        series.reserved_results += result_numbers;
        ++series.revision;
        tell_opening();
    }
    if (now >= series.next_checkpoint_s && series.ledger.seen() > series.at_last_checkpoint) save_state();
}

/// Hands a copy of the running series out; not while the last one is not written yet, and not of images of files, which need no rescue.
void SeriesProcessor::save_state() {
    RunningSeries& series = *series_;
    if (!hooks_.checkpoint || config_.checkpoint_s <= 0 || series.float_sum) return;
    auto sums = frame_sums_.take();
    if (!sums) return;
    flush();
    series.at_last_checkpoint = series.ledger.seen();
    series.next_checkpoint_s = clock_.steady_s() + config_.checkpoint_s;
    hooks_.checkpoint(series.state(std::move(sums), parallel_for_));
}

/// How long an interrupted series may take to go on [s]. Where a mark stands for a name no longer than silence would end it: after that the
/// next images of the same mark are another series.
double SeriesProcessor::patience_with(RunningSeries const& series) const {
    if (!series.mark) return config_.resume_timeout_s;
    return series.mark->empty() ? 0 : std::min(config_.resume_timeout_s, silence_of(series));
}

void SeriesProcessor::resume(SeriesState const& state) {
    assert(!series_);
    take_configuration();
    series_ = std::make_unique<RunningSeries>(state, config_);
    RunningSeries& series = *series_;
    last_header_ = series.header;
    SeriesStart about = series.told_by_image.value_or(series.header);
    about.series = series.key;
    about.pixel_mask = series.header.pixel_mask;
    if (series.refused.empty()) open_bins(about);
    series.restore_sums(state.progress);
    double const now = clock_.steady_s();
    double const patience_s = patience_with(series);
    if (!series.between) series.waits_until_s = now + patience_s;
    series.last_event_s = now;
    series.started_s = now - state.progress.ran_s;
    if (clock_.utc_ns() < series.last_frame_ns) series.add_flag("clock_set"); // meanwhile
    ++counters_.series_started;
    spdlog::warn("series {} ('{}') was interrupted by a restart: {} frames are saved, {}", series.key.series_id, series.scan.id,
                 series.ledger.seen(),
                 patience_s > 0 ? fmt::format("it may go on within {:g} s", patience_s)
                                : "it ends as it stands (nothing in its images says which series they are of)");
    if (hooks_.notice)
        hooks_.notice({SeriesNotice::What::interrupted, series.scan, "restart", series.ledger.account(series.expected, false)});
    tell_opening(); // reserves the numbers of its next results
    if (hooks_.progress) hooks_.progress(progress());
    if (series.complete()) { // killed between its last frame and its result
        series.waits_until_s.reset();
        finish("count");
    }
}

void SeriesProcessor::end_interrupted() {
    if (!series_) return;
    series_->begun = false;
    finish("interruption");
}

void SeriesProcessor::end_interrupted(ScanEnd const& end) {
    if (!series_) return;
    series_->waits_until_s.reset(); // it does not end for being interrupted
    series_->ended_at = end.frames;
    tell_end(end.reason, end.request); // what is written last holds up no older segment of the journal
    finish(end.reason);
}

void SeriesProcessor::resume(OpenScan scan) {
    scan.kept = true;
    spdlog::warn("scan '{}' ({}) was begun before the restart and stands open: its first series has not come", scan.said.name.value_or(""),
                 scan.uid);
    open(std::move(scan)); // what is written last holds up no older segment of the journal
    if (hooks_.progress) hooks_.progress(progress());
}

/// An interrupted series has no silence but this one.
void SeriesProcessor::wait_for_more(double now) {
    if (now >= *series_->waits_until_s) return finish("interruption");
    if (hooks_.progress) hooks_.progress(progress());
}

/// Whether an image of this number lets the interrupted series go on; then it does.
bool SeriesProcessor::goes_on_from(std::uint64_t number) {
    RunningSeries& series = *series_;
    bool const before = series.first_image && number < *series.first_image; // the series has them all, or their first was told
    if (before || series.ledger.came(series.first_place + number - series.first_image.value_or(number))) return false;
    double const now = clock_.steady_s();
    series.waits_until_s.reset();
    series.started_s += now - series.last_event_s; // its pause is none of its time
    series.last_event_s = now;
    series.next_partial_s = now + config_.partial_period_s;
    series.next_checkpoint_s = now + config_.checkpoint_s;
    announcements_.series_resumed(series.announcement_taken);
    spdlog::info("series {} goes on", series.key.series_id);
    if (hooks_.notice) hooks_.notice({SeriesNotice::What::resumed, series.scan, "restart", series.ledger.account(series.expected, false)});
    return true;
}

} // namespace sqd
