#include "pipeline/stream/running_series.hpp"

#include "pipeline/reduce/joined_frames.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "pipeline/stream/uuid.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <span>
#include <utility>

namespace sqd {

RunningSeries::RunningSeries(SeriesStart const& start, ProcessorConfig const& config, bool missed)
    : key(start.series), header(start), reduction(config.reduction), header_count(start.images_expected), exposure_s(start.count_time_s),
      frame_time_s(start.frame_time_s.value_or(start.count_time_s.value_or(0))), first_image(start.first_image),
      first_image_told(start.first_image), counts(config.max_points) {
    scan.uid = new_uuid();
    scan.series_id = start.series.series_id;
    scan.series_unique_id = start.series.unique_id;
    if (start.threshold_keV) reduction.threshold_keV = start.threshold_keV;
    learn_counting(start, config);
    described = start.rows != 0 || start.energy_keV || start.wavelength_A;
    if (missed) add_flag("start_missed");
}

void RunningSeries::add_flag(std::string const& flag) {
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
}

void RunningSeries::resolve(ScanAnnouncement const& announcement, ProcessorConfig const& config) {
    said = announcement;
    scan.role = said.role.value_or(config.scan.role);
    scan.id = said.name.value_or(fmt::format("series_{}", key.series_id));
    scan.mount = said.mount.value_or("");
    scan.parameters = said.parameters;
    bool const size_said = said.points || said.grid;
    scan.grid = size_said ? said.grid : (scan.role == Role::sample ? config.scan.grid : std::nullopt);
    std::optional<std::uint64_t> points = size_said ? said.points : std::nullopt;
    if (!size_said && scan.role == Role::sample) points = config.scan.points;
    // The header's number of images is an upper bound, not a promise: free-running detectors state a dummy. In a scan of several series it
    // says nothing of the scan.
    bool const all_said = size_said || (begun && points);
    if (!points || (header_count && !all_said)) points = std::min(points.value_or(~0ULL), header_count.value_or(~0ULL));
    expected = *points == ~0ULL ? 0 : *points;
    if (scan.grid && scan.grid->rows * scan.grid->cols != expected) {
        scan.grid.reset();
        add_flag("grid_does_not_fit");
    }
    auto const& configured = config.scan.grid;
    if (scan.grid && scan.grid->pitch_um.empty() && configured && configured->rows == scan.grid->rows &&
        configured->cols == scan.grid->cols) {
        scan.grid = configured; // the pitch and direction that nobody said again
    }
    announced_count = all_said;
    Sample& sample = reduction.sample;
    if (said.composition) {
        sample.composition = parse_composition(*said.composition);
        sample.density_g_cm3.reset(); // that of the configured sample is not this one's
    }
    if (said.density_g_cm3) sample.density_g_cm3 = said.density_g_cm3;
    bool const known = !sample.composition.elements.empty(); // else there is no mass of an atom
    if (said.density_A3 && known) sample.density_g_cm3 = mass_density_g_cm3(sample.composition, *said.density_A3);
    if (said.thickness_um) sample.thickness_um = *said.thickness_um;
    if (said.thickness_sigma_um) sample.thickness_sigma_um = *said.thickness_sigma_um;
    if (said.transmission) sample.transmission = said.transmission;
    if (!said.transmission && (said.composition || said.density_g_cm3 || said.density_A3 || said.thickness_um)) sample.transmission.reset();
}

std::optional<std::uint64_t> RunningSeries::place_of(std::uint64_t number) {
    if (!first_image) first_image = number;
    if (number < *first_image) {
        if (first_image_told || *first_image - number >= max_frame_number - ledger.span()) return std::nullopt;
        begin_at(number);
    }
    return first_place + (number - *first_image);
}

void RunningSeries::begin_at(std::uint64_t number) {
    std::uint64_t const by = *first_image - number;
    ledger.shift(first_place, by);
    for (auto& frame : batch)
        if (frame.number >= first_place) frame.number += by;
    counts.shift(first_place, by);
    first_image = number;
}

/// What the detector corrects by itself is not corrected again.
void RunningSeries::learn_counting(SeriesStart const& start, ProcessorConfig const& config) {
    auto const& corrects = start.countrate_correction_applied;
    if (reduction.dead_time) reduction.dead_time->detector_silent = !corrects;
    if (reduction.dead_time && corrects == true) {
        reduction.dead_time.reset();
        add_flag("dead_time_applied_by_detector");
    }
    if (config.integration.flat && start.flatfield_applied == true) add_flag("flat_applied_by_detector");
}

void RunningSeries::learn(SeriesStart const& about, ProcessorConfig const& config) {
    told_by_image = about;
    if (about.threshold_keV) reduction.threshold_keV = about.threshold_keV;
    learn_counting(about, config);
    if (!exposure_s) exposure_s = about.count_time_s;
    if (frame_time_s <= 0) frame_time_s = about.frame_time_s.value_or(about.count_time_s.value_or(0));
}

void RunningSeries::add(FloatFrame const& frame) {
    if (!float_sum) {
        float_sum.emplace().pixels.resize(frame.pixels.size());
        add_flag("float_images");
    }
    for (std::size_t i = 0; i < frame.pixels.size(); ++i) float_sum->pixels[i] += frame.pixels.pixels[i];
    float_sum->frames += 1;
    float_sum->weight += exposure_of(frame.exposure_s, std::nullopt);
}

double RunningSeries::exposure_of(std::optional<double> image_exposure_s, std::optional<std::int64_t> real_ns) {
    if (exposure_s) return *exposure_s;
    if (image_exposure_s && *image_exposure_s > 0) return *image_exposure_s;
    if (real_ns && *real_ns > 0) {
        add_flag("exposure_from_images");
        return static_cast<double>(*real_ns) * 1e-9;
    }
    add_flag(exposure_unknown_flag);
    return 1;
}

/// The frames with what was announced of the beam up to now: a monitor may be told late, and is then that of all frames. A point that
/// a list leaves out has none (0): the selection rejects it. Without beam a monitor says nothing, and may be 0: a dark has 1.
FrameList RunningSeries::weighted_counts() const {
    bool const dark = scan.role == Role::dark;
    auto const& monitor = said.monitor;
    double const attenuation = said.attenuation.value_or(1.0);
    if (!dark && monitor.empty() && attenuation == 1.0) return counts.points();
    auto const monitor_of = [&](std::uint64_t number, double own) {
        if (dark) return 1.0;
        if (monitor.size() == 1) own = monitor[0];
        if (monitor.size() > 1) own = number < monitor.size() ? monitor[number] : 0.0;
        return own * attenuation;
    };
    FrameList out;
    for (auto const& point : counts.points()) {
        auto weighted = std::make_shared<FrameCounts>(*point);
        set_monitors(*weighted, monitor_of);
        out.push_back(std::move(weighted));
    }
    return out;
}

bool RunningSeries::needs_pixels() const {
    return accumulator && (accumulator->bins().rings || accumulator->bins().cake);
}

ReductionJob RunningSeries::job(ResultState state, ProcessorConfig const& config, std::shared_ptr<PixelSum> sum,
                                ParallelFor const& parallel_for) {
    bool const ended = state != ResultState::partial;
    ReductionJob out;
    out.scan = scan;
    out.result = ++result;
    out.state = state;
    out.counts = {.bins = accumulator ? accumulator->shared_bins() : nullptr, .frames = weighted_counts()};
    if (float_sum && accumulator) {
        double const monitor = (said.monitor.size() == 1 ? said.monitor[0] : 1.0) * said.attenuation.value_or(1.0);
        out.float_sums = integrate_image(accumulator->bins(), float_sum->pixels, 1, float_sum->weight, monitor);
        out.float_sums->frames = float_sum->frames;
        out.float_exposure_s = float_sum->weight;
    }
    if (sum && accumulator && in_sums() > 0) {
        copy_sum(out, parallel_for, *sum);
        out.pixel_sum = std::move(sum);
    }
    out.attenuation = said.attenuation.value_or(1.0);
    out.frames = ledger.account(expected, ended);
    out.frames.per_point = counts.window();
    if (ended) out.rejected = ledger.rejections();
    out.config_id = config.config_id;
    out.config = reduction;
    out.map = scan.grid.has_value() && scan.role == Role::sample;
    out.background_use = config.background_use;
    out.background_scan = config.background_scan;
    out.calibrant = said.calibrant.value_or(config.scan.calibrant);
    out.flags = flags;
    if (counts.window() > 1) out.flags.push_back(fmt::format("frames_per_point:{}", counts.window()));
    out.first_frame_ns = first_frame_ns;
    out.last_frame_ns = last_frame_ns;
    return out;
}

/// A frame without monitor cannot be taken out of the sum of images again: it has no weight then.
void RunningSeries::copy_sum(ReductionJob const& job, ParallelFor const& parallel_for, PixelSum& out) const {
    out.weight = 0;
    bool monitored = true;
    for (auto const& point : in_order_of_number(job.counts.frames)) {
        for_each_frame(*point, [&](JoinedFrame const& frame, auto) {
            double const weight = frame.exposure_s * frame.monitor;
            monitored = monitored && weight > 0;
            out.weight += weight;
        });
    }
    if (!monitored) out.weight = 0;
    out.exposure_s = sqd::exposure_of(job.counts.frames);
    out.integers = !float_sum;
    if (float_sum) {
        double const monitor = (said.monitor.size() == 1 ? said.monitor[0] : 1.0) * said.attenuation.value_or(1.0);
        out.counts.assign(float_sum->pixels.begin(), float_sum->pixels.end());
        out.invalid_frames.clear();
        out.frames = float_sum->frames;
        out.weight = float_sum->weight * monitor;
        out.exposure_s = float_sum->weight;
        return;
    }
    auto const& invalid = accumulator->invalid_frames();
    out.frames = static_cast<double>(accumulator->frames());
    out.counts.resize(accumulator->pixel_totals().pixels());
    out.invalid_frames.resize(invalid.size());
    parallel_for(out.counts.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        accumulator->pixel_totals().copy(begin, std::span(out.counts).subspan(begin, end - begin));
        if (!invalid.empty()) std::copy_n(invalid.data() + begin, end - begin, out.invalid_frames.data() + begin);
    });
}

} // namespace sqd
