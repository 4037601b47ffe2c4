// The step to real space: G(r), its other forms, its shells.
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/archive/nexus_parts.hpp"
#include "pipeline/reduce/real_space_forms.hpp"

namespace sqd {

namespace {

constexpr char const* length = "angstrom";
constexpr char const* inverse_square = "1/angstrom^2";

// One number of every shell and its errors; NaN where a shell has none.
template <class Of>
void write_estimates(NexusGroup const& group, std::vector<Shell> const& shells, std::string const& name, FieldLabel const& label,
                     Of const& of) {
    std::vector<double> values, sigmas, of_background;
    for (auto const& shell : shells) {
        std::optional<Estimate> const found = of(shell);
        values.push_back(found ? found->value : no_number);
        sigmas.push_back(found ? found->sigma : no_number);
        of_background.push_back(found ? found->background_sigma : no_number);
    }
    group.values(name, values, label);
    group.values(name + "_errors", sigmas, {label.unit, "statistical, 1 sigma"});
    group.values(name + "_background_errors", of_background, {label.unit, "of the errors, what the background has"});
}

void write_shells(NexusGroup const& group, std::vector<Shell> const& shells) {
    write_estimates(group, shells, "shell_r", {length, "first maxima of G(r)"}, [](Shell const& s) { return s.r_A; });
    write_estimates(group, shells, "shell_height", {inverse_square, "G there"}, [](Shell const& s) { return s.height; });
    std::vector<double> low, high;
    for (auto const& shell : shells) {
        low.push_back(shell.r_low_A);
        high.push_back(shell.r_high_A);
    }
    group.values("shell_low", low, {length, "atoms are counted from here"});
    group.values("shell_high", high, {length, "to here"});
    write_estimates(group, shells, "shell_coordination", {"", "neighbours"}, [](Shell const& s) { return s.coordination; });
    write_estimates(group, shells, "shell_coordination_a", {"", "twice to the maximum of r g(r)"},
                    [](Shell const& s) { return s.coordination_a; });
    write_estimates(group, shells, "shell_coordination_b", {"", "twice to the maximum of r^2 g(r)"},
                    [](Shell const& s) { return s.coordination_b; });
}

void write_refinement(NexusGroup const& parameters, LowRRefinement const& refinement) {
    std::string const density = "1/angstrom^3";
    if (refinement.density_A3) {
        parameters.number("density_refined", refinement.density_A3->value, {density, "by G(r) below the low-r cut"});
        parameters.number("density_refined_sigma", refinement.density_A3->sigma, {density, "statistical"});
    }
    if (refinement.background_scale) {
        parameters.number("background_scale_refined", refinement.background_scale->value, {"", "by G(r) below the low-r cut"});
        parameters.number("background_scale_refined_sigma", refinement.background_scale->sigma, {"", "statistical"});
    }
    parameters.number("low_r_misfit_before", refinement.misfit_before, {density, "int (G + 4 pi rho0 r)^2 dr below the cut"});
    parameters.number("low_r_misfit", refinement.misfit, {density, "after the refinement"});
    parameters.text("refine_refused", refinement.refused);
}

void write_forms(NexusGroup const& parent, PairDistribution const& gr) {
    auto const forms = real_space_forms(gr);
    if (forms.pair.empty()) return;
    auto const put = [&](char const* group, char const* signal, FieldLabel const& label, std::vector<double> const& y,
                         std::vector<double> const& sigma) {
        NexusGroup const one = plot(parent, group, signal, "r", label.long_name);
        one.link("r", "/entry/pair_distribution/data/r");
        one.values(signal, y, label);
        one.values(std::string(signal) + "_errors", sigma, {label.unit, "statistical, 1 sigma"});
    };
    put("pair", "g", {"", "g(r)"}, forms.pair, forms.pair_sigma);
    put("radial", "RDF", {"1/angstrom", "RDF(r) = r G + 4 pi rho0 r^2 (1/A)"}, forms.rdf, forms.rdf_sigma);
    put("total", "T", {inverse_square, "T(r) = RDF / r (1/A^2)"}, forms.total, gr.g_sigma);
}

} // namespace

void write_pair_distribution(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    PairDistribution const& gr = *result.curves.gr;
    NexusGroup const group = step(entry, "pair_distribution", index, result);
    NexusGroup const data = plot(group, "data", "G", "r", "G(r) = 4 pi r (rho - rho0) of " + result.scan.id);
    data.values("r", gr.r_A, {length, "r (A)"});
    data.values("G", gr.g, {inverse_square, "G(r) (1/A^2)"});
    data.values("G_errors", gr.g_sigma, {inverse_square, "statistical, 1 sigma"});
    if (!gr.g_background_sigma.empty())
        data.values("G_background_errors", gr.g_background_sigma, {inverse_square, "of G_errors, what the background has"});
    write_forms(group, gr);
    NexusGroup const parameters = group.group("parameters", "NXparameters");
    parameters.number("q_max", gr.q_max_invA, {"1/angstrom", "q max of the transform"});
    parameters.text("window", gr.window);
    parameters.number("low_r_cut", gr.low_r_cut_A, {length, "G(r) is cleaned below"});
    parameters.integer("iterations", gr.iterations);
    parameters.text("low_r_method", gr.low_r_method);
    parameters.number("top_hat", gr.top_hat_invA, {"1/angstrom", "half width of the top hat"});
    parameters.number("density", gr.density_A3, {"1/angstrom^3", "number density; 0 = the scale is not absolute"});
    if (auto const& refinement = result.curves.refinement) write_refinement(parameters, *refinement);
    write_shells(parameters, gr.shells);
}

} // namespace sqd
