#include "daemon/archive/read_curves.hpp"

#include <array>
#include <cmath>

namespace sqd {

namespace {

/// Before units could be chosen they were not named.
RadialUnit unit_named(std::string const& text) {
    if (text.empty()) return RadialUnit::q_invA;
    constexpr std::array all{RadialUnit::q_invA, RadialUnit::q_invnm, RadialUnit::two_theta_deg, RadialUnit::two_theta_rad,
                             RadialUnit::r_mm};
    for (RadialUnit const unit : all)
        if (name(unit) == text) return unit;
    throw DecodeError(DecodeFault::unsupported, "a pattern in '" + text + "' (not a unit that is known here)");
}

Normalization normalization(ArchiveGroup const& in) {
    Normalization n;
    n.method = in.text("method"), n.low_q = in.text("low_q");
    n.alpha = in.number("alpha"), n.alpha_sigma = in.number("alpha_sigma"), n.alpha_spread = in.part("alpha_spread");
    n.q_min_invA = in.number("q_min"), n.q_max_invA = in.number("q_max");
    n.density_A3 = in.part("density"), n.fluorescence = in.part("fluorescence");
    return n;
}

CurveErrors errors(ArchiveGroup const& in, std::size_t points) {
    CurveErrors e;
    if (!in.there()) return e;
    e.sigma = in.values("sigma", points), e.direct = in.values("direct", points);
    e.background_sigma = in.values_or_none("background_sigma", points), e.correlation = in.values_or_none("correlation", points);
    for (std::size_t i = 1; in.has("shared" + std::to_string(i)); ++i) {
        ArchiveGroup const shared = in.inside("shared" + std::to_string(i));
        e.shared.push_back({shared.values("effect", points), shared.values("response", points)});
    }
    return e;
}

/// One number of every shell.
std::vector<Estimate> estimates(ArchiveGroup const& in, std::string const& name, std::size_t shells) {
    std::vector<double> const values = in.values(name, shells), sigma = in.values(name + "_errors", shells),
                              background = in.values(name + "_background_errors", shells);
    std::vector<Estimate> out;
    for (std::size_t i = 0; i < shells; ++i) out.push_back({values[i], sigma[i], background[i]});
    return out;
}

std::vector<Shell> shells(ArchiveGroup const& in) {
    auto const places = find_reals(in.file, in.group + "/shell_r");
    if (!places || places->empty()) return {};
    auto const r = estimates(in, "shell_r", places->size()), height = estimates(in, "shell_height", places->size()),
               coordination = estimates(in, "shell_coordination", places->size());
    std::vector<Shell> out(places->size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].r_A = r[i], out[i].height = height[i];
        if (std::isfinite(coordination[i].value)) out[i].coordination = coordination[i];
    }
    return out;
}

} // namespace

Pattern1D read_pattern(ArchiveGroup const& data) {
    Pattern1D p;
    p.unit = unit_named(data.text("radial_unit"));
    p.radial = data.axis_or_none("radial_axis"); // a scan whose frames were all refused has none
    std::size_t const bins = p.radial.size();
    p.q_invA = data.values("q", bins), p.intensity = data.values("I", bins), p.sigma = data.values("I_errors", bins);
    p.pixels = data.values_or_none("pixels", bins), p.norm = data.values_or_none("norm", bins);
    p.polarization = data.values_or_none("polarization", bins);
    p.pixel_std = data.values_or_none("I_std", bins), p.correlation = data.values_or_none("I_correlation", bins);
    if (data.has("radial_axis_edges")) p.edges = data.values("radial_axis_edges", bins + 1);
    return p;
}

StructureFactor read_structure_factor(ArchiveGroup const& in) {
    StructureFactor sq;
    ArchiveGroup const data = in.inside("data"), parameters = in.inside("parameters");
    sq.q_invA = data.axis("q");
    std::size_t const points = sq.q_invA.size();
    sq.s = data.values("S", points), sq.s_sigma = data.values("S_errors", points);
    sq.s_background_sigma = data.values_or_none("S_background_errors", points);
    sq.f = in.inside("reduced").values("F", points);
    sq.form = in.text("form");
    sq.normalization = normalization(parameters);
    sq.errors = errors(in.inside("errors"), points);
    return sq;
}

Fsdp read_peak(ArchiveGroup const& in) {
    Fsdp f;
    f.model = in.text("model"), f.on = in.text("on");
    f.q1 = in.number("q1"), f.q1_sigma = in.number("q1_sigma"), f.q1_background_sigma = in.part("q1_background_sigma");
    f.q1_sigma_geometry = in.part("q1_sigma_geometry"), f.q1_max = in.number("q1_max");
    f.fwhm = in.number("fwhm"), f.fwhm_sigma = in.number("fwhm_sigma"), f.fwhm_background_sigma = in.part("fwhm_background_sigma");
    f.height = in.number("height"), f.height_sigma = in.number("height_sigma");
    f.height_background_sigma = in.part("height_background_sigma");
    f.q1_sigma_model = in.part("q1_sigma_model"), f.chi2_reduced = in.number("chi2_reduced");
    f.q1_parabola = in.number("q1_parabola"), f.q1_centroid = in.number("q1_centroid");
    f.flags = in.texts("flags");
    f.window_low = in.number("window_low"), f.window_high = in.number("window_high");
    return f;
}

Fsdp read_fsdp(ArchiveGroup const& step) {
    Fsdp f = read_peak(step.inside("parameters"));
    ArchiveGroup const data = step.inside("data");
    f.q_invA = data.axis_or_none("q");
    std::size_t const points = f.q_invA.size();
    f.data = data.values("data", points), f.data_sigma = data.values("data_errors", points), f.fit = data.values_or_none("fit", points);
    f.residual = step.inside("residual").values_or_none("residual", points);
    return f;
}

PairDistribution read_pair_distribution(ArchiveGroup const& in) {
    PairDistribution gr;
    ArchiveGroup const data = in.inside("data"), parameters = in.inside("parameters");
    gr.r_A = data.axis("r");
    std::size_t const points = gr.r_A.size();
    gr.g = data.values("G", points), gr.g_sigma = data.values("G_errors", points);
    gr.g_background_sigma = data.values_or_none("G_background_errors", points);
    gr.q_max_invA = parameters.number("q_max"), gr.window = parameters.text("window");
    gr.low_r_cut_A = parameters.part("low_r_cut"), gr.iterations = static_cast<int>(parameters.part("iterations"));
    gr.low_r_method = parameters.text("low_r_method"), gr.top_hat_invA = parameters.part("top_hat");
    gr.density_A3 = parameters.part("density");
    gr.shells = shells(parameters);
    return gr;
}

AdHocCurves read_ad_hoc(ArchiveGroup const& step) {
    AdHocCurves a;
    ArchiveGroup const data = step.inside("data"), reduced = step.inside("reduced"), parameters = step.inside("parameters");
    a.gr.r_A = data.axis("r"), a.sq.q_invA = reduced.axis("q");
    a.gr.g = data.values("G", a.gr.r_A.size()), a.gr.g_sigma = data.values("G_errors", a.gr.r_A.size());
    a.sq.f = reduced.values("F", a.sq.q_invA.size()), a.sq.s = reduced.values("S", a.sq.q_invA.size());
    a.sq.s_sigma = reduced.values_or_none("S_errors", a.sq.q_invA.size());
    a.sq.form = "ad_hoc";
    a.scale = parameters.number("scale"), a.rpoly_A = parameters.number("rpoly"), a.degree = parameters.number("degree");
    a.q_min_invA = parameters.number("q_min"), a.q_max_inst_invA = parameters.number("q_max_inst");
    a.gr.q_max_invA = parameters.number("q_max"), a.gr.window = parameters.text("window");
    a.sq.normalization.q_min_invA = a.q_min_invA, a.sq.normalization.q_max_invA = a.gr.q_max_invA;
    return a;
}

} // namespace sqd
