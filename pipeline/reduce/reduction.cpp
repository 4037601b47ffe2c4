// The recipe: counts -> pattern -> subtract -> correct -> normalise -> S(q) -> FSDP, G(r).
#include "pipeline/reduce/reduction.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/ad_hoc.hpp"
#include "pipeline/reduce/curve_faults.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/fsdp.hpp"
#include "pipeline/reduce/low_r_refinement.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/point_peaks.hpp"
#include "pipeline/reduce/point_statistics.hpp"
#include "pipeline/reduce/replicas.hpp"
#include "pipeline/reduce/sample_absorption.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "pipeline/reduce/scale_checks.hpp"
#include "pipeline/reduce/stop_advice.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "pipeline/reduce/systematics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace sqd {

namespace {

// By the thickness where T was computed, else as it was measured.
double transmission_sigma(Sample const& sample, double transmission, double optical_thickness) {
    if (sample.transmission) return sample.transmission_sigma;
    if (!(sample.thickness_um > 0)) return 0;
    double const relative = sample.thickness_sigma_um / sample.thickness_um;
    if (sample.shape == SampleShape::plate) return transmission * optical_thickness * mean_path(sample) * relative;
    constexpr double step = 1e-4;
    double const thinner = sample_transmission(sample, optical_thickness * (1 - step)),
                 thicker = sample_transmission(sample, optical_thickness * (1 + step));
    return (thinner - thicker) / (2 * step) * relative;
}

// Air downstream of the sample was seen through it, air upstream (fraction u) was not: b = scale [u + (1 - u) T].
void subtract_background(ReducedCurves& curves, Pattern1D const& background, BackgroundConfig const& config) {
    double const t = curves.transmission.value_or(1), u = config.upstream_fraction;
    curves.background_scale = config.scale * (u + (1 - u) * t);
    curves.background_scale_low = config.scale * t;
    curves.background_scale_high = config.scale;
    curves.background_scale_sigma =
        std::hypot(config.scale * (1 - u) * curves.transmission_sigma, config.scale * (1 - t) * config.upstream_fraction_sigma,
                   curves.background_scale * config.scale_sigma);
    curves.background = background;
    curves.net = subtract(curves.pattern, background, curves.background_scale);
}

FsdpOutcome peak_on_pattern(Pattern1D const& net, ReductionConfig const& config) {
    return fit_fsdp({net.q_invA, net.intensity, pattern_errors(net), "pattern"}, config);
}

void find_fsdp(ReducedCurves& curves, Pattern1D const& net, ReductionConfig const& config) {
    bool const on_pattern = config.fsdp->on_pattern;
    if (!on_pattern && !curves.sq) {
        curves.flags.emplace_back("fsdp_failed:no_structure_factor");
        return;
    }
    auto outcome = on_pattern ? peak_on_pattern(net, config) : fit_fsdp({curves.sq->q_invA, curves.sq->s, curves.sq->errors, "sq"}, config);
    curves.fsdp = std::move(outcome.peak);
    if (!curves.fsdp) curves.flags.push_back("fsdp_failed:" + outcome.failure);
    if (!on_pattern) curves.fsdp_on_pattern = peak_on_pattern(net, config).peak;
}

void transform(ReducedCurves& curves, PairDistributionConfig const& config) {
    if (!curves.sq) {
        curves.flags.emplace_back("gr_withheld:no_structure_factor");
        return;
    }
    if (curves.sq->form != "faber_ziman") {
        curves.flags.push_back("gr_withheld:" + curves.sq->form);
        return;
    }
    if (curves.sq->q_invA[9] > config.q_max_invA) {
        curves.flags.emplace_back("empty_range:pair_distribution");
        return;
    }
    curves.gr = pair_distribution(*curves.sq, config);
}

void add_ad_hoc(ReducedCurves& curves, Pattern1D const& net, ReductionConfig const& config) {
    try {
        curves.ad_hoc = ad_hoc(net, config.sample.composition, *config.ad_hoc);
    } catch (DataError const& error) {
        curves.flags.push_back(std::string("ad_hoc_failed: ") + error.what());
    }
}

// What the assumptions are worth, whether more counts would help, and what repeated counting would give.
void add_uncertainty(ReducedCurves& curves, Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                     ReductionConfig const& config) {
    UncertaintyConfig const& how = config.uncertainty;
    if (how.systematics) curves.systematics = systematic_terms(sample, background, background_needed, curves, config);
    if (curves.fsdp) curves.advice = stop_advice(*curves.fsdp, curves.systematics, how.q1_precision_invA, how.exposure_s);
    if (how.replicas > 0) curves.replicas = replica_spread(sample, background, background_needed, config);
}

// Everything once more with the density and the background that were found.
ReducedCurves refined(ReducedCurves const& first, Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                      ReductionConfig const& config) {
    auto curves = reduce_pattern(sample, background, background_needed, refined_recipe(config, first, *first.refinement));
    curves.transmission_sigma = first.transmission_sigma; // its transmission stands as if it had been measured
    curves.refinement = first.refinement;
    return curves;
}

/// Fits do without the lines of crystals.
ReductionConfig without_lines(ReductionConfig config, Findings const& findings, BinMap const& bins) {
    config.left_out_invA = ranges_of(findings.lines, bins);
    return config;
}

} // namespace

ReducedCurves reduce_pattern(Pattern1D const& sample, Pattern1D const* background, bool background_needed, ReductionConfig const& config) {
    if (sample.q_invA.empty()) throw DataError("the pattern has no bins (nothing to reduce) check the radial range");
    ReducedCurves curves;
    curves.pattern = sample;
    if (auto const thickness = optical_thickness(config.sample, config.energy_keV)) {
        curves.optical_thickness = *thickness;
        curves.transmission = sample_transmission(config.sample, *thickness);
        curves.transmission_sigma = transmission_sigma(config.sample, *curves.transmission, *thickness);
        if (auto const fault = thickness_fault(config.sample, *thickness); !fault.empty()) curves.flags.push_back(fault);
    } else {
        curves.flags.emplace_back("transmission_unknown");
    }

    if ((config.structure_factor || config.fsdp) && is_off_whole(config.sample.composition))
        curves.flags.push_back("composition_normalized:" + sum_text(config.sample.composition));
    if (background)
        subtract_background(curves, *background, config.background);
    else if (background_needed)
        curves.flags.emplace_back("no_background");
    Pattern1D const& net = curves.net ? *curves.net : curves.pattern;

    bool const background_known = background || !background_needed;
    if (background_known) {
        auto const faults = curve_faults(net, config);
        curves.flags.insert(curves.flags.end(), faults.begin(), faults.end());
    }
    if (config.structure_factor && background_known) curves.sq = structure_factor(net, config, curves.flags);
    if (config.fsdp) find_fsdp(curves, net, config);
    if (config.pair_distribution) transform(curves, *config.pair_distribution);
    if (curves.sq && curves.sq->form == "faber_ziman")
        curves.checks = scale_checks(*curves.sq, curves.gr ? config.pair_distribution : std::nullopt);
    if (config.pair_distribution && config.pair_distribution->refine != Refine::none) {
        curves.refinement = refine_low_r(sample, background, curves, config);
        if (curves.refinement && curves.refinement->refused.empty()) return refined(curves, sample, background, background_needed, config);
        if (curves.refinement) curves.flags.push_back("refine_refused:" + curves.refinement->refused);
    }
    if (config.ad_hoc && background_known) add_ad_hoc(curves, net, config);
    add_uncertainty(curves, sample, background, background_needed, config);
    return curves;
}

ReducedCurves reduce_sums(BinMap const& bins, BinnedCounts const& sums, BinnedCounts const* background, bool background_needed,
                          ReductionConfig const& config) {
    auto const air = background ? std::optional(to_pattern(bins, *background)) : std::nullopt;
    return reduce_pattern(to_pattern(bins, sums), air ? &*air : nullptr, background_needed, config);
}

ReducedCurves reduce_pixels(BinMap const& bins, PixelSum const& sum, Findings const& findings, Pattern1D const* background,
                            bool background_needed, ReductionConfig const& config, ParallelFor const& parallel_for) {
    auto const sample =
        to_pattern(integrate_rings(*bins.rings, sum, findings.hot_pixels, parallel_for), bins.geometry, bins.rings->polarization);
    auto curves = reduce_pattern(sample, background, background_needed, without_lines(config, findings, bins));
    // Whoever fits these curves elsewhere should know; fits and transforms here do.
    if (bins.rings->config.split != Split::none) curves.flags.emplace_back("bins_correlated");
    return curves;
}

ScanSums sum_scan(ScanCounts const& scan, bool map, Findings const& findings, BinnedCounts const* background, SelectionConfig const& config,
                  CountCorrections const& corrections) {
    auto selection_config = config;
    selection_config.off_sample = config.off_sample && map;
    auto selection = select_points(scan, selection_config, background, findings.hot_pixels);
    if (selection.kept.empty()) throw DataError("no frame is left to reduce (none was taken, or the selection left none) check the scan");
    ScanSums out{{}, std::move(selection.kept), std::move(selection.rejected), std::move(selection.flags)};
    out.sums = corrected_sums(scan, out.kept, findings.hot_pixels, corrections, out.flags);
    return out;
}

namespace {

// The air that the points beside the sample of the same map saw.
std::optional<BinnedCounts> beside_the_sample(ScanCounts const& scan, std::vector<RejectedFrame> const& rejected, Findings const& findings,
                                              CountCorrections const& corrections) {
    std::set<std::uint64_t> numbers;
    for (auto const& frame : rejected)
        if (frame.reason == "off_sample") numbers.insert(frame.number);
    FrameList frames;
    std::copy_if(scan.frames.begin(), scan.frames.end(), std::back_inserter(frames),
                 [&numbers](auto const& frame) { return numbers.contains(frame->number); });
    if (frames.empty()) return std::nullopt;
    std::vector<std::string> flags; // those of the sample's own sums say the same
    return corrected_sums(scan, frames, findings.hot_pixels, corrections, flags);
}

} // namespace

ReducedCurves reduce_counts(ScanCounts const& scan, bool map, Findings const& findings, BinnedCounts const* background,
                            bool background_needed, ReductionConfig const& config, CountCorrections const& corrections) {
    auto selected = sum_scan(scan, map, findings, background, config.selection, corrections);
    BinMap const& bins = *scan.bins;
    auto const beside =
        config.background.off_sample && map ? beside_the_sample(scan, selected.rejected, findings, corrections) : std::nullopt;
    if (beside) background = &*beside;
    auto curves = reduce_sums(bins, selected.sums, background, background_needed, without_lines(config, findings, bins));
    if (curves.fsdp) curves.point_statistics = point_statistics(bins, selected.kept, curves.pattern, *curves.fsdp);
    if (config.uncertainty.point_peaks)
        curves.point_peaks = point_peaks(bins, selected.kept, curves, without_lines(config, findings, bins));
    curves.rejected = std::move(selected.rejected);
    curves.flags.insert(curves.flags.end(), selected.flags.begin(), selected.flags.end());
    return curves;
}

} // namespace sqd
