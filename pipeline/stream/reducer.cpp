#include "pipeline/stream/reducer.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/atomic_terms.hpp"
#include "pipeline/reduce/cake.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace sqd {
namespace {

/// What a point holds beyond one frame, where any point does.
void put_joined(PointTable& table, FrameList const& points) {
    std::size_t const bins = table.bin_counts.cols;
    if (std::ranges::any_of(points, [](auto const& point) { return !point->carries.empty(); })) {
        table.bin_carries = Image<std::uint32_t>(points.size(), bins);
        for (std::size_t i = 0; i < points.size(); ++i)
            std::ranges::copy(points[i]->carries, table.bin_carries.pixels.begin() + static_cast<std::ptrdiff_t>(i * bins));
    }
    if (std::ranges::all_of(points, [](auto const& point) { return point->joined.empty(); })) return;
    for (auto const& point : points) {
        table.frames.push_back(frames_in(*point));
        for_each_frame(*point, [&table](JoinedFrame const& frame, auto) { table.frame_numbers.push_back(frame.number); });
    }
}

/// Every point with the reason that the selection gave it, if any.
std::shared_ptr<PointTable const> point_table(ScanCounts const& counts, ReducedCurves const& curves) {
    std::map<std::uint64_t, std::string> reasons;
    std::map<std::uint64_t, PointPeak> peaks;
    for (auto const& frame : curves.rejected) reasons[frame.number] = frame.reason;
    for (auto const& [number, peak] : curves.point_peaks) peaks[number] = peak;
    auto table = std::make_shared<PointTable>();
    std::size_t const bins = counts.bins ? counts.bins->axis.size() : 0;
    table->bin_counts = Image<std::uint32_t>(counts.frames.size(), bins);
    for (std::size_t i = 0; i < counts.frames.size(); ++i) {
        FrameCounts const& frame = *counts.frames[i];
        table->number.push_back(frame.number);
        auto const found = reasons.find(frame.number);
        table->reason.push_back(found == reasons.end() ? "" : found->second);
        if (auto const peak = peaks.find(frame.number); !peaks.empty())
            table->peaks.push_back(peak == peaks.end() ? no_point_peak : peak->second);
        table->exposure_s.push_back(frame.exposure_s);
        table->monitor.push_back(frame.monitor);
        std::copy(frame.counts.begin(), frame.counts.end(), table->bin_counts.pixels.begin() + static_cast<std::ptrdiff_t>(i * bins));
    }
    put_joined(*table, counts.frames);
    return table;
}

/// What a map shows while it runs: every accepted frame with its counts in one bin, all of the detector, and its peak as far as fitted.
std::shared_ptr<PointTable const> running_points(ScanCounts const& counts, ReducedCurves const& curves, std::vector<PointPeak> peaks) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    std::map<std::uint64_t, std::string> reasons;
    for (auto const& frame : curves.rejected) reasons[frame.number] = frame.reason;
    auto table = std::make_shared<PointTable>();
    table->bin_counts = Image<std::uint32_t>(counts.frames.size(), 1);
    for (std::size_t i = 0; i < counts.frames.size(); ++i) {
        FrameCounts const& frame = *counts.frames[i];
        auto const found = reasons.find(frame.number);
        auto const all = std::accumulate(frame.counts.begin(), frame.counts.end(), std::uint64_t{0});
        table->number.push_back(frame.number);
        table->reason.push_back(found == reasons.end() ? "" : found->second);
        table->bin_counts.pixels[i] = static_cast<std::uint32_t>(std::min(all, most));
    }
    table->peaks = std::move(peaks);
    return table;
}

/// The pattern is made of the sum of the images, not of counts per bin.
bool by_pixels(ReductionJob const& job) {
    return job.pixel_sum && job.counts.bins->rings && job.pixel_sum->weight > 0;
}

/// The recipe for a scan that is no sample ends at its pattern. Odd points are looked for once all are there.
ReductionConfig recipe_of(ReductionJob const& job) {
    ReductionConfig config = job.config;
    bool const complete = job.state != ResultState::partial;
    config.selection.odd_points = config.selection.odd_points && complete;
    config.uncertainty.point_peaks = config.uncertainty.point_peaks && job.map;
    if (!complete || !job.extras) {
        config.uncertainty.systematics = config.uncertainty.point_peaks = false;
        config.uncertainty.replicas = 0;
    }
    config.uncertainty.exposure_s = exposure_known(job) ? job.float_exposure_s + exposure_of(job.counts.frames) : 0;
    if (job.map) config.selection.grid = job.scan.grid;
    if (job.scan.role == Role::sample) return config;
    config.structure_factor.reset();
    config.fsdp.reset();
    config.pair_distribution.reset();
    return config;
}

/// A final goes without something that was asked for, because frames waited.
bool leaves_out_extras(ReductionJob const& job) {
    auto const& asked = job.config.uncertainty;
    return !job.extras && job.state != ResultState::partial && job.scan.role == Role::sample &&
           (asked.systematics || asked.replicas > 0 || (asked.point_peaks && job.map));
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

/// The sums of a scan that samples will subtract.
BinnedCounts sums_of(ReductionJob const& job, Findings const& findings, CountCorrections const& corrections) {
    if (job.float_sums) return corrected_float_sums(job, corrections);
    return sum_scan(job.counts, false, findings, nullptr, recipe_of(job).selection, corrections).sums;
}

/// A calibrant's lines are where they should be or not; in scans with beam lines and hot pixels stand out.
Findings findings_of(ReductionJob const& job, ParallelFor const& parallel_for, std::vector<std::string>& flags) {
    if (!job.pixel_sum || job.state == ResultState::partial || job.scan.role == Role::dark) return {};
    BinMap const& bins = *job.counts.bins;
    if (job.scan.role != Role::calibrant) return find_in_images(bins, *job.pixel_sum, job.config.watch, parallel_for);
    Findings out;
    if (job.calibrant.empty())
        flags.emplace_back("calibrant_unknown");
    else
        out.calibration = check_calibration(bins, *job.pixel_sum, calibrant(job.calibrant), parallel_for);
    return out;
}

/// Moves what the selection rejected from used to rejected.
void take_out(FrameAccounting& frames, std::vector<RejectedFrame> const& rejected) {
    for (auto const& frame : rejected) ++frames.rejected_by[frame.reason];
    frames.used -= rejected.size();
    frames.rejected += rejected.size();
}

/// Of the corrected sum of all images: points that the selection took out of the pattern are in it.
void add_cake(ReducedCurves& curves, ReductionJob const& job, Findings const& findings, CountCorrections const& corrections,
              ParallelFor const& parallel_for) {
    if (!job.counts.bins->cake || !job.pixel_sum || !(job.pixel_sum->weight > 0)) return;
    std::vector<std::string> flags;
    auto const pixels = corrected_pixels_of(job, corrections, flags);
    curves.cake = std::make_shared<Cake const>(integrate_cake(*job.counts.bins, *pixels, findings.hot_pixels, parallel_for));
    if (!curves.rejected.empty()) curves.flags.emplace_back("cake_of_all_points");
    if (std::find(flags.begin(), flags.end(), "dead_time_withheld") != flags.end()) curves.flags.emplace_back("cake_without_dead_time");
}

} // namespace

Reducer::Reducer(ReducerIdentity identity, Clock const& clock, ParallelFor parallel_for)
    : identity_(std::move(identity)), clock_(clock), parallel_for_(std::move(parallel_for)), live_peaks_(clock) {}

StoredBackground const* Reducer::latest_background() const {
    return backgrounds_.empty() ? nullptr : &backgrounds_.back();
}

void Reducer::keep(StoredBackground background) {
    std::erase_if(backgrounds_, [&](StoredBackground const& kept) { return kept.id == background.id; });
    backgrounds_.push_back(std::move(background));
    if (backgrounds_.size() <= most_backgrounds) return;
    auto const oldest =
        std::ranges::find_if(backgrounds_, [this](StoredBackground const& kept) { return kept.id != configured_ && kept.id != chosen_; });
    forgotten_.push_back(oldest->id);
    backgrounds_.erase(oldest);
}

StoredBackground const* Reducer::background_for(ReductionJob const& job) const {
    if (job.background_use == BackgroundUse::latest) return latest_background();
    if (job.background_use != BackgroundUse::scan_id) return nullptr;
    auto const found = std::ranges::find(backgrounds_, job.background_scan, &StoredBackground::id);
    return found == backgrounds_.end() ? nullptr : &*found;
}

/// The background of a sample, if it was measured as the sample was.
StoredBackground const* Reducer::fitting_background(ReductionJob const& job, std::vector<std::string>& flags) const {
    StoredBackground const* const background = job.scan.role == Role::sample ? background_for(job) : nullptr;
    if (!background) return nullptr;
    if (background->unit != job.counts.bins->unit || !(background->axis == job.counts.bins->axis)) {
        flags.emplace_back("background_on_other_bins");
    } else if (by_pixels(job) && !background->rings) {
        flags.emplace_back("background_without_pixels");
    } else if (background->exposure_known != exposure_known(job)) {
        flags.emplace_back("background_of_other_exposure");
    } else {
        return background;
    }
    return nullptr;
}

void Reducer::store_background(ReductionJob const& job, ReducedResult const& result, CountCorrections const& corrections) {
    StoredBackground stored{
        job.scan.uid, job.scan.id,         job.counts.bins->unit,      job.counts.bins->axis, sums_of(job, result.findings, corrections),
        std::nullopt, exposure_known(job), corrections.dark == nullptr};
    if (by_pixels(job)) stored.rings = result.curves.pattern;
    keep(std::move(stored));
}

/// Curves, findings and what they were made with, of a job that has frames.
void Reducer::reduce(ReductionJob const& job, ReducedResult& result, std::vector<std::string>& flags) {
    BinMap const& bins = *job.counts.bins;
    if (job.background_use == BackgroundUse::scan_id) chosen_ = job.background_scan;
    bool const needed = job.scan.role == Role::sample && job.background_use != BackgroundUse::none;
    StoredBackground const* const background = fitting_background(job, flags);
    BinnedCounts const* const air = background ? &background->sums : nullptr;
    auto const corrections = count_corrections(job, darks_, flags);
    if (background && background->without_dark && corrections.dark) flags.emplace_back("background_without_dark");
    if ((bins.rings || bins.cake) && job.pixel_sum && !(job.pixel_sum->weight > 0)) flags.emplace_back("pixels_withheld:no_monitor");
    if (by_pixels(job) && job.map) flags.emplace_back("points_not_selected");
    ReductionConfig recipe = recipe_of(job);
    recipe.atoms = atoms_;
    try {
        result.findings = findings_of(job, parallel_for_, flags);
        flags.insert(flags.end(), result.findings.flags.begin(), result.findings.flags.end());
        if (by_pixels(job)) {
            auto const pixels = corrected_pixels_of(job, corrections, flags);
            result.curves =
                reduce_pixels(bins, *pixels, result.findings, background ? &*background->rings : nullptr, needed, recipe, parallel_for_);
        } else if (job.float_sums) {
            result.curves = reduce_sums(bins, corrected_float_sums(job, corrections), air, needed, recipe);
        } else {
            result.curves = reduce_counts(job.counts, job.map, result.findings, air, needed, recipe, corrections);
        }
        if (job.scan.role != Role::sample) std::erase(result.curves.flags, "thickness_blind"); // there is none in the beam
        if (auto const& sq = result.curves.sq; sq && !(atoms_ && same_atoms(*atoms_, sq->q_invA, recipe)))
            atoms_ = std::make_shared<AtomicTerms const>(atomic_terms(sq->q_invA, recipe));
        add_cake(result.curves, job, result.findings, corrections, parallel_for_);
        if (job.scan.role == Role::background && job.state == ResultState::final) store_background(job, result, corrections);
        if (job.scan.role == Role::dark && job.state == ResultState::final) darks_.keep(job);
    } catch (DataError const& error) {
        flags.push_back(std::string("not_reduced: ") + error.what());
    }
    if (identity_.provenance) result.provenance = identity_.provenance(bins, result.curves);
    if (background) result.provenance.background_uid = background->uid;
    if (recipe.background.off_sample && result.curves.net) result.provenance.background_uid = job.scan.uid;
    auto const& frames = job.counts.frames;
    auto counted = names_of(corrections, flags);
    if (std::any_of(frames.begin(), frames.end(), [](auto const& frame) { return frame->monitor != 1; })) counted.emplace_back("monitor");
    result.provenance.corrections.insert(result.provenance.corrections.begin(), counted.begin(), counted.end());
    take_out(result.frames, result.curves.rejected);
    if (job.state != ResultState::partial && !job.float_sums) result.points = point_table(job.counts, result.curves);
    if (job.state == ResultState::partial && job.map)
        result.points = running_points(job.counts, result.curves, live_peaks(job, result, recipe, flags));
}

/// While a map runs; finals fit all points from the mean of all.
std::vector<PointPeak> Reducer::live_peaks(ReductionJob const& job, ReducedResult const& result, ReductionConfig const& recipe,
                                           std::vector<std::string>& flags) {
    if (!job.config.uncertainty.point_peaks || by_pixels(job) || job.float_sums) return {};
    auto out = live_peaks_({job.scan.uid, job.config_id, result.provenance.background_uid, job.counts.bins, job.config.sample},
                           job.counts.frames, result.curves, recipe, job.extras);
    if (!job.extras && out.waiting > 0) flags.emplace_back("extras_left_out");
    return std::move(out.peaks);
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
    std::vector<std::string> flags = job.flags;
    if (leaves_out_extras(job)) flags.emplace_back("extras_left_out");
    if (!job.counts.bins || (job.counts.frames.empty() && !job.float_sums))
        flags.emplace_back("no_frames");
    else
        reduce(job, result, flags);
    result.curves.flags.insert(result.curves.flags.begin(), flags.begin(), flags.end());
    result.curves.rejected.insert(result.curves.rejected.begin(), job.rejected.begin(), job.rejected.end());
    result.time.reduced_ns = clock_.utc_ns();
    if (job.last_frame_ns > 0) result.time.latency_ms = static_cast<double>(result.time.reduced_ns - job.last_frame_ns) * 1e-6;
    return result;
}

} // namespace sqd
