// The steps from counts to curves as NXprocess groups in their order, each with curves that a viewer plots at once.
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/archive/nexus_parts.hpp"

namespace sqd {

namespace {

NexusGroup parameters_of(NexusGroup const& step_group) {
    return step_group.group("parameters", "NXparameters");
}

void write_background(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    NexusGroup const group = step(entry, "background_subtraction", index, result, curves.net ? "data" : "background");
    if (curves.net) write_pattern(group, "data", *curves.net, "I(q) less background");
    if (curves.background) write_pattern(group, "background", *curves.background, "background as measured");
    NexusGroup const parameters = parameters_of(group);
    parameters.text("background_uid", result.provenance.background_uid);
    parameters.number("scale", curves.background_scale, {"", "factor of the background"});
    parameters.number("scale_sigma", curves.background_scale_sigma, {"", "1 sigma"});
    parameters.number("scale_low", curves.background_scale_low, {"", "all air after the sample"});
    parameters.number("scale_high", curves.background_scale_high, {"", "all air before the sample"});
}

void write_normalization(NexusGroup const& parent, Normalization const& n) {
    NexusGroup const group = parameters_of(parent);
    group.text("method", n.method);
    group.number("alpha", n.alpha, {"", "I(q) to electron units per atom"});
    group.number("alpha_sigma", n.alpha_sigma);
    group.number("alpha_kmn", n.alpha_kmn, {"", "Krogh-Moe and Norman"});
    group.number("alpha_kmn_mean", n.alpha_kmn_mean, {"", "its mean over the last FSDP period of q_max"});
    group.number("alpha_high_q", n.alpha_high_q, {"", "least squares at high q"});
    if (n.alpha_high_q_constant) {
        group.number("alpha_high_q_constant", *n.alpha_high_q_constant, {"", "the same with a constant"});
        group.number("constant", n.constant, {"", "that constant in electron units"});
    }
    group.flag("constant_subtracted", n.constant_subtracted);
    if (n.alpha_low_r) group.number("alpha_low_r", *n.alpha_low_r, {"", "by G(r) below the low-r cut"});
    group.number("alpha_spread", n.alpha_spread, {"", "half range over the last FSDP period of q_max"});
    group.number("fluorescence", n.fluorescence, {"", "electron units subtracted at 2 theta = 0"});
    if (n.fluorescence > 0) {
        group.number("fluorescence_amplitude", n.fluorescence_amplitude, {"", "factor of what tables say"});
        group.number("fluorescence_amplitude_sigma", n.fluorescence_amplitude_sigma);
    }
    if (n.multiple_scattering) group.number("multiple_scattering", *n.multiple_scattering, {"", "twice over once scattered photons"});
    group.flag("multiple_scattering_subtracted", n.multiple_scattering_subtracted);
    group.text("low_q", n.low_q);
    group.number("density", n.density_A3, {"1/angstrom^3", "number density"});
    group.number("q_min", n.q_min_invA, {"1/angstrom", "q min"});
    group.number("q_max", n.q_max_invA, {"1/angstrom", "q max"});
}

void write_checks(NexusGroup const& parent, ScaleChecks const& checks) {
    NexusGroup const group = parent.group("checks", "NXcollection");
    group.number("S_high_q", checks.s_high_q.value, {"", "mean of S over the upper third of q"});
    group.number("S_high_q_errors", checks.s_high_q.sigma);
    group.number("F_mean", checks.f_mean.value, {"1/angstrom", "mean of F over the upper two thirds of q"});
    group.number("F_mean_errors", checks.f_mean.sigma, {"1/angstrom", "1 sigma"});
    if (checks.density_low_r_A3)
        group.number("density_low_r", *checks.density_low_r_A3, {"1/angstrom^3", "by the slope of G(r) below the first shell"});
}

void write_structure_factor(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    StructureFactor const& sq = *result.curves.sq;
    NexusGroup const group = step(entry, "structure_factor", index, result);
    group.text("form", sq.form);
    NexusGroup const data = plot(group, "data", "S", "q", "S(q) of " + result.scan.id);
    data.values("q", sq.q_invA, {"1/angstrom", "q (1/A)"});
    data.values("S", sq.s, {"", "S(q)"});
    data.values("S_errors", sq.s_sigma, {"", "statistical, 1 sigma"});
    data.values("S_background_errors", sq.s_background_sigma, {"", "of S_errors, what the background has"});
    NexusGroup const reduced = plot(group, "reduced", "F", "q", "F(q) = q (S - 1) of " + result.scan.id);
    reduced.link("q", "/entry/structure_factor/data/q");
    reduced.values("F", sq.f, {"1/angstrom", "F(q) (1/A)"});
    write_curve_errors(group, sq.errors);
    write_normalization(group, sq.normalization);
    if (result.curves.checks) write_checks(group, *result.curves.checks);
}

/// Named as in the published `values`: one vocabulary for the wire and the archive.
void write_fsdp_values(NexusGroup const& group, Fsdp const& fsdp) {
    std::string const inverse = "1/angstrom";
    group.text("model", fsdp.model);
    group.text("on", fsdp.on);
    group.number("q1", fsdp.q1, {inverse, "centre of the peak component"});
    group.number("q1_sigma", fsdp.q1_sigma, {inverse, "statistical"});
    group.number("q1_background_sigma", fsdp.q1_background_sigma, {inverse, "of q1_sigma, what the background has"});
    group.number("q1_sigma_model", fsdp.q1_sigma_model, {inverse, "spread of the estimators"});
    group.number("q1_sigma_geometry", fsdp.q1_sigma_geometry, {inverse, "from the distance"});
    group.number("q1_max", fsdp.q1_max, {inverse, "maximum of the fitted curve"});
    group.number("q1_parabola", fsdp.q1_parabola, {inverse, "parabola through the top"});
    group.number("q1_centroid", fsdp.q1_centroid, {inverse, "centroid"});
    group.number("fwhm", fsdp.fwhm, {inverse, "full width at half maximum"});
    group.number("fwhm_sigma", fsdp.fwhm_sigma, {inverse, "statistical"});
    group.number("fwhm_background_sigma", fsdp.fwhm_background_sigma, {inverse, "of fwhm_sigma, what the background has"});
    group.number("height", fsdp.height);
    group.number("height_sigma", fsdp.height_sigma);
    group.number("height_background_sigma", fsdp.height_background_sigma, {"", "of height_sigma, what the background has"});
    group.number("chi2_reduced", fsdp.chi2_reduced);
    group.number("window_low", fsdp.window_low, {inverse, "fitted from"});
    group.number("window_high", fsdp.window_high, {inverse, "fitted to"});
    group.texts("flags", fsdp.flags);
}

/// The peak of every point, laid out as the map is.
void write_map(NexusGroup const& parent, PointTable const& points, MapGrid const& grid) {
    NexusGroup const group = parent.group("map", "NXdata");
    group.attribute("signal", "q1");
    auto const table = [&](char const* name, double PointPeak::*member, FieldLabel const& label) {
        std::vector<double> values;
        for (auto const& peak : points.peaks) values.push_back(peak.*member);
        group.table(name, on_grid(points, grid, values), label);
    };
    table("q1", &PointPeak::q1, {"1/angstrom", "q1 of each point"});
    table("q1_errors", &PointPeak::q1_sigma, {"1/angstrom", "statistical, 1 sigma"});
    table("fwhm", &PointPeak::fwhm, {"1/angstrom", "width of each point"});
    table("fwhm_errors", &PointPeak::fwhm_sigma, {"1/angstrom", "statistical, 1 sigma"});
    table("chi2_reduced", &PointPeak::chi2_reduced, {});
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
    write_fsdp_values(parameters_of(group), fsdp);
    if (result.curves.fsdp_on_pattern) write_fsdp_values(group.group("on_pattern", "NXparameters"), *result.curves.fsdp_on_pattern);
    if (result.points && result.scan.grid && !result.points->peaks.empty()) write_map(group, *result.points, *result.scan.grid);
}

void write_ad_hoc(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    AdHocCurves const& a = *result.curves.ad_hoc;
    NexusGroup const group = step(entry, "ad_hoc", index, result);
    NexusGroup const data = plot(group, "data", "G", "r", "ad hoc G(r) of " + result.scan.id);
    data.values("r", a.gr.r_A, {"angstrom", "r (A)"});
    data.values("G", a.gr.g, {"1/angstrom^2", "G(r) (1/A^2), arbitrary scale"});
    data.values("G_errors", a.gr.g_sigma, {"1/angstrom^2", "statistical, 1 sigma"});
    NexusGroup const reduced = plot(group, "reduced", "F", "q", "ad hoc F(q) of " + result.scan.id);
    reduced.values("q", a.sq.q_invA, {"1/angstrom", "q (1/A)"});
    reduced.values("F", a.sq.f, {"1/angstrom", "F(q) (1/A)"});
    reduced.values("S", a.sq.s, {"", "S(q)"});
    reduced.values("S_errors", a.sq.s_sigma, {"", "statistical, 1 sigma"});
    NexusGroup const parameters = parameters_of(group);
    parameters.number("scale", a.scale, {"", "intensity to <f>^2 units"});
    parameters.number("rpoly", a.rpoly_A, {"angstrom", "r up to which the polynomial takes everything away"});
    parameters.number("degree", a.degree);
    parameters.number("q_min", a.q_min_invA, {"1/angstrom", "fitted from"});
    parameters.number("q_max_inst", a.q_max_inst_invA, {"1/angstrom", "fitted to"});
    parameters.number("q_max", a.gr.q_max_invA, {"1/angstrom", "q max of the transform"});
    parameters.text("window", a.gr.window);
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
    if (curves.ad_hoc) write_ad_hoc(entry, index++, result);
    if (curves.cake) write_azint2d(entry, index++, result);
}

} // namespace sqd
