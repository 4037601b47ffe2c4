// The steps from counts to curves as NXprocess groups in their order, each with curves that a viewer plots at once.
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/publish/result_message.hpp"

#include <algorithm>
#include <string_view>

namespace sqd {

namespace {

/// A step's group: what ran, in which version, when, as which in the row. `shown` is the curve a viewer opens.
NexusGroup step(NexusGroup const& entry, std::string const& name, std::int64_t index, ReducedResult const& result,
                std::string const& shown = "data") {
    NexusGroup group = entry.group(name, "NXprocess");
    group.attribute("default", shown);
    group.integer("sequence_index", index);
    group.text("program", "sqd");
    group.text("version", result.provenance.version);
    group.text("date", iso_time(result.time.reduced_ns));
    return group;
}

NexusGroup parameters_of(NexusGroup const& step_group) {
    return step_group.group("parameters", "NXparameters");
}

/// A plottable group: `signal` over `axis`.
NexusGroup plot(NexusGroup const& parent, std::string const& name, std::string const& signal, std::string const& axis,
                std::string const& title) {
    NexusGroup group = parent.group(name, "NXdata");
    group.attribute("signal", signal);
    group.attribute("axes", std::vector<std::string>{axis});
    group.attribute("interpretation", "spectrum");
    group.text("title", title);
    return group;
}

FieldLabel radial_label(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return {"1/angstrom", "q (1/A)"};
    case RadialUnit::q_invnm: return {"1/nm", "q (1/nm)"};
    case RadialUnit::two_theta_deg: return {"deg", "2 theta (deg)"};
    case RadialUnit::two_theta_rad: return {"rad", "2 theta (rad)"};
    case RadialUnit::r_mm: return {"mm", "radius (mm)"};
    }
    return {};
}

void write_pattern(NexusGroup const& parent, std::string const& name, Pattern1D const& pattern, std::string const& title) {
    NexusGroup const data = plot(parent, name, "I", "radial_axis", title);
    data.values("radial_axis", pattern.radial, radial_label(pattern.unit));
    data.text("radial_unit", sqd::name(pattern.unit));
    data.values("q", pattern.q_invA, {"1/angstrom", "q (1/A)"});
    data.values("I", pattern.intensity, {"counts/s", "I (counts per norm, monitor and s)"});
    data.values("I_errors", pattern.sigma, {"counts/s", "statistical, 1 sigma"});
    data.values("pixels", pattern.pixels, {"", "pixels per bin, mean over frames"});
    data.values("polarization", pattern.polarization, {"", "mean polarisation factor divided out; empty = none"});
}

/// Corrections are a name, then perhaps parameters: "polarization 0.97".
bool applied(Provenance const& provenance, std::string_view correction) {
    auto const& names = provenance.corrections;
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return name.substr(0, name.find(' ')) == correction; });
}

/// The application definition's view of the pattern: its own few fields, and links to what is there already.
void write_azint1d(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const azint = entry.group("azint1d", "NXsubentry");
    azint.attribute("default", "data");
    azint.text("definition", "NXazint1d");
    azint.flag("solid_angle_applied", applied(result.provenance, "solid_angle"));
    azint.flag("polarization_applied", applied(result.provenance, "polarization"));
    azint.flag("normalization_applied", true);
    azint.flag("monitor_applied", applied(result.provenance, "monitor"));
    azint.link("instrument", "/entry/instrument");
    azint.link("reduction", "/entry/azimuthal_integration");
    azint.link("data", "/entry/azimuthal_integration/data");
}

void write_background(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    NexusGroup const group = step(entry, "background_subtraction", index, result, curves.net ? "data" : "background");
    if (curves.net) write_pattern(group, "data", *curves.net, "I(q) less background");
    if (curves.background) write_pattern(group, "background", *curves.background, "background as measured");
    NexusGroup const parameters = parameters_of(group);
    parameters.text("background_uid", result.provenance.background_uid);
    parameters.number("scale", curves.background_scale, {"", "factor of the background"});
    parameters.number("scale_low", curves.background_scale_low, {"", "all air after the sample"});
    parameters.number("scale_high", curves.background_scale_high, {"", "all air before the sample"});
}

void write_normalization(NexusGroup const& parent, Normalization const& n) {
    NexusGroup const group = parameters_of(parent);
    group.text("method", n.method);
    group.number("alpha", n.alpha, {"", "I(q) to electron units per atom"});
    group.number("alpha_sigma", n.alpha_sigma);
    group.number("alpha_kmn", n.alpha_kmn, {"", "Krogh-Moe and Norman"});
    group.number("alpha_high_q", n.alpha_high_q, {"", "least squares at high q"});
    group.number("alpha_spread", n.alpha_spread, {"", "half range over the last FSDP period of q_max"});
    group.number("fluorescence", n.fluorescence, {"", "electron units subtracted at 2 theta = 0"});
    group.number("density", n.density_A3, {"1/angstrom^3", "number density"});
    group.number("q_min", n.q_min_invA, {"1/angstrom", "q min"});
    group.number("q_max", n.q_max_invA, {"1/angstrom", "q max"});
}

void write_structure_factor(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    StructureFactor const& sq = *result.curves.sq;
    NexusGroup const group = step(entry, "structure_factor", index, result);
    group.text("form", sq.form);
    NexusGroup const data = plot(group, "data", "S", "q", "S(q) of " + result.scan.id);
    data.values("q", sq.q_invA, {"1/angstrom", "q (1/A)"});
    data.values("S", sq.s, {"", "S(q)"});
    data.values("S_errors", sq.s_sigma, {"", "statistical, 1 sigma"});
    NexusGroup const reduced = plot(group, "reduced", "F", "q", "F(q) = q (S - 1) of " + result.scan.id);
    reduced.link("q", "/entry/structure_factor/data/q");
    reduced.values("F", sq.f, {"1/angstrom", "F(q) (1/A)"});
    write_normalization(group, sq.normalization);
}

/// Named as in the published `values`: one vocabulary for the wire and the archive.
void write_fsdp_values(NexusGroup const& parent, Fsdp const& fsdp) {
    NexusGroup const group = parameters_of(parent);
    std::string const inverse = "1/angstrom";
    group.text("model", fsdp.model);
    group.text("on", fsdp.on);
    group.number("q1", fsdp.q1, {inverse, "centre of the peak component"});
    group.number("q1_sigma", fsdp.q1_sigma, {inverse, "statistical"});
    group.number("q1_sigma_model", fsdp.q1_sigma_model, {inverse, "spread of the estimators"});
    group.number("q1_sigma_geometry", fsdp.q1_sigma_geometry, {inverse, "from the distance"});
    group.number("q1_max", fsdp.q1_max, {inverse, "maximum of the fitted curve"});
    group.number("q1_parabola", fsdp.q1_parabola, {inverse, "parabola through the top"});
    group.number("q1_centroid", fsdp.q1_centroid, {inverse, "centroid"});
    group.number("fwhm", fsdp.fwhm, {inverse, "full width at half maximum"});
    group.number("fwhm_sigma", fsdp.fwhm_sigma, {inverse, "statistical"});
    group.number("height", fsdp.height);
    group.number("height_sigma", fsdp.height_sigma);
    group.number("chi2_reduced", fsdp.chi2_reduced);
    group.number("window_low", fsdp.window_low, {inverse, "fitted from"});
    group.number("window_high", fsdp.window_high, {inverse, "fitted to"});
    group.texts("flags", fsdp.flags);
}

void write_fsdp(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    Fsdp const& fsdp = *result.curves.fsdp;
    NexusGroup const group = step(entry, "fsdp", index, result);
    NexusGroup const data = plot(group, "data", "data", "q", "first sharp diffraction peak of " + result.scan.id);
    data.attribute("auxiliary_signals", std::vector<std::string>{"fit"});
    data.values("q", fsdp.q_invA, {"1/angstrom", "q (1/A)"});
    data.values("data", fsdp.data, {"", fsdp.on == "pattern" ? "I(q)" : "S(q)"});
    data.values("data_errors", fsdp.data_sigma, {"", "statistical, 1 sigma"});
    data.values("fit", fsdp.fit, {"", "fit"});
    NexusGroup const residual = plot(group, "residual", "residual", "q", "(data - fit) / sigma");
    residual.link("q", "/entry/fsdp/data/q");
    residual.values("residual", fsdp.residual, {"", "(data - fit) / sigma"});
    write_fsdp_values(group, fsdp);
}

void write_pair_distribution(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    PairDistribution const& gr = *result.curves.gr;
    NexusGroup const group = step(entry, "pair_distribution", index, result);
    NexusGroup const data = plot(group, "data", "G", "r", "G(r) = 4 pi r (rho - rho0) of " + result.scan.id);
    data.values("r", gr.r_A, {"angstrom", "r (A)"});
    data.values("G", gr.g, {"1/angstrom^2", "G(r) (1/A^2)"});
    data.values("G_errors", gr.g_sigma, {"1/angstrom^2", "statistical, 1 sigma"});
    NexusGroup const parameters = parameters_of(group);
    parameters.number("q_max", gr.q_max_invA, {"1/angstrom", "q max of the transform"});
    parameters.text("window", gr.window);
    parameters.number("low_r_cut", gr.low_r_cut_A, {"angstrom", "G(r) is cleaned below"});
    parameters.integer("iterations", gr.iterations);
    parameters.values("shell_r", gr.shell_r_A, {"angstrom", "first maxima of G(r)"});
    parameters.values("shell_r_errors", gr.shell_sigma_A, {"angstrom", "statistical, 1 sigma"});
}

} // namespace

void write_steps(NexusGroup const& entry, ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    std::int64_t index = 1;
    write_pattern(step(entry, "azimuthal_integration", index++, result), "data", curves.pattern, "I(q) of " + result.scan.id);
    write_azint1d(entry, result);
    if (curves.background || curves.net) write_background(entry, index++, result);
    if (curves.sq) write_structure_factor(entry, index++, result);
    if (curves.fsdp) write_fsdp(entry, index++, result);
    if (curves.gr) write_pair_distribution(entry, index++, result);
}

} // namespace sqd
