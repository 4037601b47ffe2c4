#include "pipeline/stream/reducer.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/cake.hpp"
#include "pipeline/reduce/selection.hpp"

#include <algorithm>
#include <utility>

namespace sqd {
namespace {

/// Every accepted frame with the reason that the selection gave it, if any.
std::shared_ptr<PointTable const> point_table(ScanCounts const& counts, std::vector<RejectedFrame> const& rejected) {
    std::map<std::uint64_t, std::string> reasons;
    for (auto const& frame : rejected) reasons[frame.number] = frame.reason;
    auto table = std::make_shared<PointTable>();
    std::size_t const bins = counts.bins ? counts.bins->axis.size() : 0;
    table->bin_counts = Image<std::uint32_t>(counts.frames.size(), bins);
    for (std::size_t i = 0; i < counts.frames.size(); ++i) {
        FrameCounts const& frame = *counts.frames[i];
        table->number.push_back(frame.number);
        auto const found = reasons.find(frame.number);
        table->reason.push_back(found == reasons.end() ? "" : found->second);
        table->exposure_s.push_back(frame.exposure_s);
        table->monitor.push_back(frame.monitor);
        std::copy(frame.counts.begin(), frame.counts.end(), table->bin_counts.pixels.begin() + static_cast<std::ptrdiff_t>(i * bins));
    }
    return table;
}

/// The recipe for a scan that is no sample ends at its pattern.
ReductionConfig pattern_only(ReductionConfig config) {
    config.structure_factor.reset();
    config.fsdp.reset();
    config.pair_distribution.reset();
    return config;
}

/// Moves what the selection rejected from used to rejected.
void take_out(FrameAccounting& frames, std::vector<RejectedFrame> const& rejected) {
    for (auto const& frame : rejected) ++frames.rejected_by[frame.reason];
    frames.used -= rejected.size();
    frames.rejected += rejected.size();
}

/// Points that the selection took out of the pattern are in the sum of all images.
void add_cake(ReducedCurves& curves, ReductionJob const& job) {
    if (!job.counts.bins->cake || !job.pixel_sum) return;
    curves.cake = std::make_shared<Cake const>(integrate_cake(*job.counts.bins, *job.pixel_sum));
    if (!curves.rejected.empty()) curves.flags.emplace_back("cake_of_all_points");
}

} // namespace

Reducer::Reducer(ReducerIdentity identity, Clock const& clock) : identity_(std::move(identity)), clock_(clock) {}

StoredBackground const* Reducer::latest_background() const {
    return latest_.get();
}

StoredBackground const* Reducer::background_for(ReductionJob const& job) const {
    if (job.background_use == BackgroundUse::latest) return latest_.get();
    if (job.background_use != BackgroundUse::scan_id) return nullptr;
    auto const found = backgrounds_.find(job.background_scan);
    return found == backgrounds_.end() ? nullptr : found->second.get();
}

ReducedResult Reducer::operator()(ReductionJob const& job) {
    ReducedResult result;
    result.scan = job.scan;
    result.result = job.result;
    result.state = job.state;
    result.frames = job.frames;
    result.detector = identity_.detector;
    result.sample = job.config.sample;
    result.attenuation = job.attenuation;
    if (job.counts.bins) result.geometry = job.counts.bins->geometry;
    result.time.first_frame_ns = job.first_frame_ns;
    result.time.last_frame_ns = job.last_frame_ns;
    bool const sample = job.scan.role == Role::sample;
    std::vector<std::string> flags = job.flags;
    bool const exposure_known = std::find(flags.begin(), flags.end(), exposure_unknown_flag) == flags.end();
    if (!job.counts.bins || (job.counts.frames.empty() && !job.float_sums)) {
        flags.emplace_back("no_frames");
    } else {
        StoredBackground const* background = sample ? background_for(job) : nullptr;
        if (background && !(background->bins->axis == job.counts.bins->axis)) {
            flags.emplace_back("background_on_other_bins");
            background = nullptr;
        }
        PixelSum const* const pixels = job.counts.bins->rings ? job.pixel_sum.get() : nullptr;
        if (background && pixels && !background->rings) {
            flags.emplace_back("background_without_pixels");
            background = nullptr;
        }
        if (pixels && job.map) flags.emplace_back("points_not_selected");
        if (background && background->exposure_known != exposure_known) {
            flags.emplace_back("background_of_other_exposure");
            background = nullptr;
        }
        bool const needed = sample && job.background_use != BackgroundUse::none;
        BinnedCounts const* const air = background ? &background->sums : nullptr;
        ReductionConfig const recipe = sample ? job.config : pattern_only(job.config);
        try {
            if (pixels)
                result.curves = reduce_pixels(*job.counts.bins, *pixels, background ? &*background->rings : nullptr, needed, recipe);
            else if (job.float_sums)
                result.curves = reduce_sums(*job.counts.bins, *job.float_sums, air, needed, recipe);
            else
                result.curves = reduce_counts(job.counts, job.map, air, needed, recipe);
            add_cake(result.curves, job);
        } catch (DataError const& error) {
            flags.push_back(std::string("not_reduced: ") + error.what());
        }
        if (identity_.provenance) result.provenance = identity_.provenance(*job.counts.bins, result.curves);
        if (background) result.provenance.background_uid = background->uid;
        bool const monitored =
            std::any_of(job.counts.frames.begin(), job.counts.frames.end(), [](auto const& frame) { return frame->monitor != 1; });
        if (monitored) result.provenance.corrections.insert(result.provenance.corrections.begin(), "monitor");
        take_out(result.frames, result.curves.rejected);
        if (job.state != ResultState::partial && !job.float_sums) result.points = point_table(job.counts, result.curves.rejected);
        if (job.scan.role == Role::background && job.state == ResultState::final) {
            latest_ = std::make_shared<StoredBackground>(
                StoredBackground{job.scan.uid, job.scan.id, job.counts.bins,
                                 job.float_sums ? *job.float_sums : sum_frames(*job.counts.bins, job.counts.frames),
                                 pixels ? std::optional(result.curves.pattern) : std::nullopt, exposure_known});
            backgrounds_[job.scan.id] = latest_;
        }
    }
    result.curves.flags.insert(result.curves.flags.begin(), flags.begin(), flags.end());
    result.curves.rejected.insert(result.curves.rejected.begin(), job.rejected.begin(), job.rejected.end());
    result.time.reduced_ns = clock_.utc_ns();
    if (job.last_frame_ns > 0) result.time.latency_ms = static_cast<double>(result.time.reduced_ns - job.last_frame_ns) * 1e-6;
    return result;
}

} // namespace sqd
