#include "pipeline/stream/reducer.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/selection.hpp"

#include <spdlog/fmt/fmt.h>

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

/// What is to be put right in a job's counts, and why some of it is not.
CountCorrections count_corrections(ReductionJob const& job, DarkStore const& darks, std::vector<std::string>& flags) {
    CountCorrections out;
    out.dark = darks.dark_for(job, flags);
    if (!job.config.dead_time || job.scan.role == Role::dark) return out;
    if (exposure_known(job) && !job.float_sums)
        out.dead_time = job.config.dead_time;
    else
        flags.emplace_back("dead_time_withheld");
    return out;
}

/// Those of the job where there is nothing to correct.
std::shared_ptr<PixelSum const> corrected_pixels_of(ReductionJob const& job, CountCorrections const& corrections,
                                                    std::vector<std::string>& flags) {
    if (corrections.dark == nullptr && !corrections.dead_time) return job.pixel_sum;
    return std::make_shared<PixelSum const>(corrected_pixels(*job.pixel_sum, *job.counts.bins, job.counts.frames, corrections, flags));
}

BinnedCounts corrected_float_sums(ReductionJob const& job, CountCorrections const& corrections) {
    BinnedCounts sums = *job.float_sums;
    if (corrections.dark != nullptr) set_dark(sums, float_pixel_seconds(job), *corrections.dark);
    return sums;
}

/// As provenance names them, in order.
std::vector<std::string> names_of(CountCorrections const& corrections, std::vector<std::string> const& flags) {
    std::vector<std::string> out;
    if (corrections.dead_time && std::find(flags.begin(), flags.end(), "dead_time_withheld") == flags.end()) {
        out.push_back(fmt::format("dead_time {:g} ns{}", corrections.dead_time->seconds * 1e9,
                                  corrections.dead_time->detector_silent ? " (the detector says nothing of its own)" : ""));
    }
    if (corrections.dark != nullptr) out.push_back("dark " + corrections.dark->uid);
    return out;
}

/// Moves what the selection rejected from used to rejected.
void take_out(FrameAccounting& frames, std::vector<RejectedFrame> const& rejected) {
    for (auto const& frame : rejected) ++frames.rejected_by[frame.reason];
    frames.used -= rejected.size();
    frames.rejected += rejected.size();
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
    if (!job.counts.bins || (job.counts.frames.empty() && !job.float_sums)) {
        flags.emplace_back("no_frames");
    } else {
        StoredBackground const* background = sample ? background_for(job) : nullptr;
        if (background && !(background->bins->axis == job.counts.bins->axis)) {
            flags.emplace_back("background_on_other_bins");
            background = nullptr;
        }
        if (background && job.pixel_sum && !background->rings) {
            flags.emplace_back("background_without_pixels");
            background = nullptr;
        }
        if (job.pixel_sum && job.map) flags.emplace_back("points_not_selected");
        if (background && background->exposure_known != exposure_known(job)) {
            flags.emplace_back("background_of_other_exposure");
            background = nullptr;
        }
        auto const corrections = count_corrections(job, darks_, flags);
        bool const by_pixels = job.pixel_sum && job.counts.bins->rings;
        if (background && background->without_dark && corrections.dark) flags.emplace_back("background_without_dark");
        bool const needed = sample && job.background_use != BackgroundUse::none;
        BinnedCounts const* const air = background ? &background->sums : nullptr;
        ReductionConfig const recipe = sample ? job.config : pattern_only(job.config);
        try {
            if (by_pixels) {
                auto const pixels = corrected_pixels_of(job, corrections, flags);
                result.curves = reduce_pixels(*job.counts.bins, *pixels, background ? &*background->rings : nullptr, needed, recipe);
            } else if (job.float_sums) {
                result.curves = reduce_sums(*job.counts.bins, corrected_float_sums(job, corrections), air, needed, recipe);
            } else {
                result.curves = reduce_counts(job.counts, job.map, air, needed, recipe, corrections);
            }
        } catch (DataError const& error) {
            flags.push_back(std::string("not_reduced: ") + error.what());
        }
        if (identity_.provenance) result.provenance = identity_.provenance(*job.counts.bins, result.curves);
        if (background) result.provenance.background_uid = background->uid;
        bool const monitored =
            std::any_of(job.counts.frames.begin(), job.counts.frames.end(), [](auto const& frame) { return frame->monitor != 1; });
        auto counted = names_of(corrections, flags);
        if (monitored) counted.emplace_back("monitor");
        result.provenance.corrections.insert(result.provenance.corrections.begin(), counted.begin(), counted.end());
        take_out(result.frames, result.curves.rejected);
        if (job.state != ResultState::partial && !job.float_sums) result.points = point_table(job.counts, result.curves.rejected);
        if (job.scan.role == Role::background && job.state == ResultState::final) {
            std::vector<std::string> told; // already
            latest_ = std::make_shared<StoredBackground>(StoredBackground{
                job.scan.uid, job.scan.id, job.counts.bins,
                job.float_sums ? corrected_float_sums(job, corrections)
                               : corrected_sums(*job.counts.bins, job.counts.frames, corrections, told),
                by_pixels ? std::optional(result.curves.pattern) : std::nullopt, exposure_known(job), corrections.dark == nullptr});
            backgrounds_[job.scan.id] = latest_;
        }
        if (job.scan.role == Role::dark && job.state == ResultState::final) darks_.keep(job);
    }
    result.curves.flags.insert(result.curves.flags.begin(), flags.begin(), flags.end());
    result.curves.rejected.insert(result.curves.rejected.begin(), job.rejected.begin(), job.rejected.end());
    result.time.reduced_ns = clock_.utc_ns();
    if (job.last_frame_ns > 0) result.time.latency_ms = static_cast<double>(result.time.reduced_ns - job.last_frame_ns) * 1e-6;
    return result;
}

} // namespace sqd
