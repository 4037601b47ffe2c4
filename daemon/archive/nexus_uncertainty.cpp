// Errors beyond counting: what assumptions are worth, how points scatter, whether more counts would help.
#include "daemon/archive/nexus_layout.hpp"

#include "pipeline/core/units.hpp"

namespace sqd {

namespace {

void write_terms(NexusGroup const& parent, std::vector<SystematicTerm> const& terms) {
    NexusGroup const group = parent.group("systematics", "NXcollection");
    for (auto const& term : terms) {
        NexusGroup const one = group.group(term.name, "NXcollection");
        one.text("moved", term.moved);
        one.number("q1", term.q1, {inverse_angstrom, "change of q1"});
        one.number("fwhm", term.fwhm, {inverse_angstrom, "change of the width"});
        one.number("height", term.height);
        one.values("shell_r", term.shell_r_A, {"angstrom", "change of the shells' places"});
        one.values("S", term.s, {"", "change of S(q)"});
        one.values("G", term.g, {"1/angstrom^2", "change of G(r)"});
    }
}

void write_advice(NexusGroup const& parent, StopAdvice const& advice) {
    NexusGroup const group = parent.group("advice", "NXcollection");
    group.text("advice", name(advice.advice));
    group.text("sentence", advice.sentence);
    group.number("requested", advice.requested, {inverse_angstrom, "asked for"});
    group.number("statistics", advice.statistics, {inverse_angstrom, "q1_sigma"});
    group.number("background", advice.background, {inverse_angstrom, "of it, what the background has"});
    group.number("distance", advice.distance, {inverse_angstrom, "q1_sigma_geometry"});
    group.number("model", advice.model, {inverse_angstrom, "q1_sigma_model"});
    group.number("corrections", advice.corrections, {inverse_angstrom, "all other terms"});
    group.number("floor", advice.floor, {inverse_angstrom, "below which counting cannot go"});
    if (advice.more_counts) group.number("more_counts", *advice.more_counts, {"", "times the present ones"});
    if (advice.more_seconds) group.number("more_seconds", *advice.more_seconds, {"s", "of exposure"});
}

void write_point_statistics(NexusGroup const& parent, PointStatistics const& statistics) {
    NexusGroup const group = parent.group("points", "NXcollection");
    group.count("points", statistics.points);
    group.count("block", statistics.block);
    group.number("q1_sigma", statistics.q1_sigma, {inverse_angstrom, "of the mean, by the scatter of points"});
    group.number("q1_ratio", statistics.q1_ratio, {"", "over that of counting"});
    group.number("fwhm_sigma", statistics.fwhm_sigma, {inverse_angstrom, "of the mean, by the scatter of points"});
    group.number("fwhm_ratio", statistics.fwhm_ratio, {"", "over that of counting"});
    group.number("intensity_ratio", statistics.intensity_ratio, {"", "of the mean intensity"});
}

void write_replicas(NexusGroup const& parent, ReplicaSpread const& spread) {
    NexusGroup const group = parent.group("replicas", "NXcollection");
    group.integer("replicas", spread.replicas);
    group.count("seed", spread.seed);
    group.number("alpha_sigma", spread.alpha);
    group.number("q1_sigma", spread.q1, {inverse_angstrom, "deviation of q1"});
    group.number("fwhm_sigma", spread.fwhm, {inverse_angstrom, "deviation of the width"});
    group.number("height_sigma", spread.height);
    group.values("shell_r_sigma", spread.shell_r_A, {"angstrom", "deviation of the shells' places"});
}

} // namespace

void write_uncertainty(NexusGroup const& entry, ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    NexusGroup const group = entry.group("uncertainty", "NXcollection");
    write_terms(group, curves.systematics);
    if (curves.advice) write_advice(group, *curves.advice);
    if (curves.point_statistics) write_point_statistics(group, *curves.point_statistics);
    if (curves.replicas) write_replicas(group, *curves.replicas);
    group.number("optical_thickness", curves.optical_thickness, {"", "mu t of the sample"});
    group.number("transmission_sigma", curves.transmission_sigma);
    group.number("background_scale_sigma", curves.background_scale_sigma);
}

} // namespace sqd
