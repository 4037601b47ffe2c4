#include "pipeline/stream/dark_store.hpp"

#include "pipeline/reduce/selection.hpp"

#include <utility>

namespace sqd {

namespace {

/// With `rings` pixels must be the same ones, else bins are enough.
bool same_bins(DarkScan const& dark, BinMap const& bins) {
    if (!(dark.bins->axis == bins.axis)) return false;
    return !bins.rings || (dark.pixels && dark.bins->masked == bins.masked);
}

} // namespace

void DarkStore::keep(ReductionJob const& job) {
    auto const use = job.config.dark_use;
    if (use == DarkUse::none || (use == DarkUse::scan_id && job.scan.id != job.config.dark_scan)) return;
    BinMap const& bins = *job.counts.bins;
    DarkScan dark{job.scan.uid, job.counts.bins, {}, pixel_seconds(bins, job.counts.frames), job.pixel_sum};
    if (job.float_sums) {
        dark.counts = job.float_sums->counts;
        dark.pixel_seconds = float_pixel_seconds(job);
    } else {
        dark.counts = sum_frames(bins, job.counts.frames).counts;
    }
    stored_ = StoredDark{job.scan.id, std::move(dark), exposure_known(job)};
}

DarkScan const* DarkStore::dark_for(ReductionJob const& job, std::vector<std::string>& flags) const {
    if (job.config.dark_use == DarkUse::none || job.scan.role == Role::dark) return nullptr;
    char const* why = nullptr;
    bool const other = stored_ && job.config.dark_use == DarkUse::scan_id && stored_->id != job.config.dark_scan; // of before a restart
    if (!stored_ || other)
        why = "no_dark";
    else if (!same_bins(stored_->dark, *job.counts.bins))
        why = "dark_on_other_bins";
    else if (stored_->exposure_known != exposure_known(job))
        why = "dark_of_other_exposure";
    if (why == nullptr) return &stored_->dark;
    flags.emplace_back(why);
    return nullptr;
}

} // namespace sqd
