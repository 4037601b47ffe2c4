#include "daemon/publish/result_message.hpp"

#include "daemon/publish/comparison_json.hpp"
#include "daemon/publish/findings_json.hpp"
#include "daemon/publish/message_builder.hpp"
#include "daemon/publish/shell_values.hpp"
#include "daemon/publish/uncertainty_json.hpp"
#include "pipeline/reduce/real_space_forms.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <span>
#include <utility>

namespace sqd {
namespace {

void put_context(Json& header, ReducedResult const& result, std::int64_t published_ns) {
    header["scan"] = scan_json(result.scan);
    header["result"] = result.result;
    header["state"] = name(result.state);
    header["durable"] = result.durable;
    header["frames"] = frames_json(result.frames);
    Json time = Json::object();
    if (result.time.first_frame_ns != 0) time["first_frame"] = iso_time(result.time.first_frame_ns);
    if (result.time.last_frame_ns != 0) time["last_frame"] = iso_time(result.time.last_frame_ns);
    time["reduced"] = iso_time(result.time.reduced_ns);
    time["published"] = iso_time(published_ns);
    time["latency_ms"] = result.time.latency_ms;
    header["time"] = std::move(time);
    Provenance const& p = result.provenance;
    header["provenance"] = {{"version", p.version},         {"config_sha256", p.config_sha256}, {"geometry_sha256", p.geometry_sha256},
                            {"mask_sha256", p.mask_sha256}, {"background", p.background_uid},   {"corrections", p.corrections}};
}

WireMessage pattern_message(ReducedResult const& result, MessageBuilder builder) {
    ReducedCurves const& c = result.curves;
    bool const in_q = c.pattern.unit == RadialUnit::q_invA;
    if (c.background) {
        builder.value("background_scale", c.background_scale).value("background_scale_low", c.background_scale_low);
        builder.value("background_scale_high", c.background_scale_high).value("background_scale_sigma", c.background_scale_sigma);
    }
    if (c.transmission) builder.value("transmission", *c.transmission).value("transmission_sigma", c.transmission_sigma);
    builder.text("unit", name(c.pattern.unit));
    if (result.state != ResultState::partial) builder.header()["findings"] = findings_json(result.findings);
    builder.array("q", inv_A, c.pattern.q_invA);
    if (!in_q) builder.array("radial", "", c.pattern.radial);
    builder.array("I", "", c.pattern.intensity).array("I_sigma", "", c.pattern.sigma).array("pixels", "", c.pattern.pixels);
    builder.array("I_std", "", c.pattern.pixel_std).array("I_correlation", "", c.pattern.correlation);
    if (c.background) builder.array("background", "", c.background->intensity).array("background_sigma", "", c.background->sigma);
    if (c.net) builder.array("net", "", c.net->intensity).array("net_sigma", "", c.net->sigma);
    return builder.finish(c.flags);
}

void put_normalization(MessageBuilder& builder, Normalization const& n) {
    char const* const electrons = "electron units";
    auto const known = [&builder](char const* key, std::optional<double> const& value) {
        if (value) builder.value(key, *value);
    };
    builder.value("alpha", n.alpha).value("alpha_sigma", n.alpha_sigma);
    builder.value("alpha_kmn", n.alpha_kmn).value("alpha_kmn_mean", n.alpha_kmn_mean).value("alpha_high_q", n.alpha_high_q);
    known("alpha_high_q_constant", n.alpha_high_q_constant);
    if (n.alpha_high_q_constant) builder.value("constant", n.constant, electrons);
    known("alpha_low_r", n.alpha_low_r);
    builder.value("alpha_spread", n.alpha_spread).value("fluorescence", n.fluorescence, electrons);
    if (n.fluorescence > 0) {
        builder.value("fluorescence_amplitude", n.fluorescence_amplitude);
        builder.value("fluorescence_amplitude_sigma", n.fluorescence_amplitude_sigma);
    }
    known("multiple_scattering", n.multiple_scattering);
    builder.value("density_A3", n.density_A3, "1/angstrom^3").value("q_min", n.q_min_invA, inv_A).value("q_max", n.q_max_invA, inv_A);
    builder.text("normalization", n.method).text("low_q", n.low_q);
}

WireMessage sq_message(ReducedResult const& result, MessageBuilder builder) {
    StructureFactor const& s = *result.curves.sq;
    put_normalization(builder, s.normalization);
    builder.text("form", s.form);
    if (auto const& checks = result.curves.checks) {
        builder.value("S_high_q", checks->s_high_q.value).value("S_high_q_sigma", checks->s_high_q.sigma);
        builder.value("F_mean", checks->f_mean.value, inv_A).value("F_mean_sigma", checks->f_mean.sigma, inv_A);
        if (checks->density_low_r_A3) builder.value("density_low_r_A3", *checks->density_low_r_A3, "1/angstrom^3");
    }
    builder.array("q", inv_A, s.q_invA).array("S", "", s.s).array("S_sigma", "", s.s_sigma).array("F", inv_A, s.f);
    builder.array("S_background_sigma", "", s.s_background_sigma);
    if (auto const& with = result.comparison) {
        builder.header()["comparison"] = comparison_json(*with);
        if (with->s) builder.array("S_difference", "", with->s->difference).array("S_difference_sigma", "", with->s->sigma);
    }
    return builder.finish(result.curves.flags);
}

WireMessage fsdp_message(ReducedResult const& result, MessageBuilder builder) {
    Fsdp const& f = *result.curves.fsdp;
    builder.value("q1", f.q1, inv_A).value("q1_sigma", f.q1_sigma, inv_A).value("q1_sigma_model", f.q1_sigma_model, inv_A);
    builder.value("q1_sigma_geometry", f.q1_sigma_geometry, inv_A).value("q1_max", f.q1_max, inv_A);
    builder.value("q1_background_sigma", f.q1_background_sigma, inv_A).value("fwhm_background_sigma", f.fwhm_background_sigma, inv_A);
    builder.value("fwhm", f.fwhm, inv_A)
        .value("fwhm_sigma", f.fwhm_sigma, inv_A)
        .value("height", f.height)
        .value("height_sigma", f.height_sigma)
        .value("height_background_sigma", f.height_background_sigma);
    builder.value("q1_parabola", f.q1_parabola, inv_A).value("q1_centroid", f.q1_centroid, inv_A).value("chi2_reduced", f.chi2_reduced);
    builder.value("window_low", f.window_low, inv_A).value("window_high", f.window_high, inv_A).text("model", f.model).text("on", f.on);
    builder.array("q", inv_A, f.q_invA)
        .array("data", "", f.data)
        .array("data_sigma", "", f.data_sigma)
        .array("fit", "", f.fit)
        .array("residual", "sigma", f.residual);
    if (auto const& other = result.curves.fsdp_on_pattern) {
        builder.value("q1_on_pattern", other->q1, inv_A).value("q1_on_pattern_sigma", other->q1_sigma, inv_A);
        builder.value("fwhm_on_pattern", other->fwhm, inv_A).value("fwhm_on_pattern_sigma", other->fwhm_sigma, inv_A);
    }
    put_uncertainty(builder.header(), result);
    if (result.comparison) builder.header()["comparison"] = comparison_json(*result.comparison);
    std::vector<std::string> flags = result.curves.flags;
    flags.insert(flags.end(), f.flags.begin(), f.flags.end());
    return builder.finish(flags);
}

void put_refinement(MessageBuilder& builder, std::optional<LowRRefinement> const& refinement) {
    if (!refinement) return;
    if (auto const& density = refinement->density_A3)
        builder.value("density_refined", density->value, "1/angstrom^3").value("density_refined_sigma", density->sigma, "1/angstrom^3");
    if (auto const& scale = refinement->background_scale)
        builder.value("background_scale_refined", scale->value).value("background_scale_refined_sigma", scale->sigma);
    builder.value("low_r_misfit_before", refinement->misfit_before, "1/angstrom^3")
        .value("low_r_misfit", refinement->misfit, "1/angstrom^3");
}

WireMessage gr_message(ReducedResult const& result, MessageBuilder builder) {
    PairDistribution const& g = *result.curves.gr;
    builder.value("q_max", g.q_max_invA, inv_A)
        .value("low_r_cut", g.low_r_cut_A, "angstrom")
        .value("iterations", g.iterations)
        .text("window", g.window)
        .text("low_r_method", g.low_r_method);
    if (g.top_hat_invA > 0) builder.value("top_hat", g.top_hat_invA, inv_A);
    for (auto const& [key, value, unit] : shell_values(g.shells)) builder.value(key.c_str(), value, unit);
    put_refinement(builder, result.curves.refinement);
    builder.array("r", "angstrom", g.r_A).array("G", "1/angstrom^2", g.g).array("G_sigma", "1/angstrom^2", g.g_sigma);
    builder.array("G_background_sigma", "1/angstrom^2", g.g_background_sigma);
    auto const forms = real_space_forms(g);
    builder.array("g", "", forms.pair).array("RDF", inv_A, forms.rdf).array("T", "1/angstrom^2", forms.total);
    if (auto const& with = result.comparison; with && with->g)
        builder.array("G_difference", "1/angstrom^2", with->g->difference).array("G_difference_sigma", "1/angstrom^2", with->g->sigma);
    return builder.finish(result.curves.flags);
}

WireMessage ad_hoc_message(ReducedResult const& result, MessageBuilder builder) {
    AdHocCurves const& a = *result.curves.ad_hoc;
    builder.value("scale", a.scale).value("rpoly", a.rpoly_A, "angstrom").value("degree", a.degree);
    builder.value("q_min", a.q_min_invA, inv_A)
        .value("q_max_inst", a.q_max_inst_invA, inv_A)
        .value("q_max", a.gr.q_max_invA, inv_A)
        .text("window", a.gr.window);
    builder.array("q", inv_A, a.sq.q_invA).array("S", "", a.sq.s).array("S_sigma", "", a.sq.s_sigma).array("F", inv_A, a.sq.f);
    builder.array("r", "angstrom", a.gr.r_A).array("G", "1/angstrom^2", a.gr.g).array("G_sigma", "1/angstrom^2", a.gr.g_sigma);
    return builder.finish(result.curves.flags);
}

/// In all bins of a point.
double counts_of(PointTable const& points, std::size_t point) {
    auto const row = [&](Image<std::uint32_t> const& table) {
        return std::span(table.pixels).subspan(point * table.cols, table.cols); // empty where the table is
    };
    auto const counts = row(points.bin_counts), carries = row(points.bin_carries);
    constexpr double unit = 4294967296.0; // 2^32
    return std::accumulate(counts.begin(), counts.end(), 0.0) + unit * std::accumulate(carries.begin(), carries.end(), 0.0);
}

/// What every point of a map has, laid out on it; several frames of one point have the same.
WireMessage map_message(ReducedResult const& result, MessageBuilder builder) {
    PointTable const& points = *result.points;
    MapGrid const& grid = *result.scan.grid;
    std::vector<double> counts, used;
    for (std::size_t i = 0; i < points.number.size(); ++i) {
        double const frames = points.frames.empty() ? 1 : static_cast<double>(points.frames[i]);
        counts.push_back(counts_of(points, i) / frames);
        used.push_back(points.reason[i].empty() ? 1 : 0);
    }
    builder.array("counts", "", on_grid(points, grid, counts)).array("used", "", on_grid(points, grid, used));
    auto const peaks = [&](char const* name, char const* unit, double PointPeak::*member) {
        std::vector<double> values;
        for (auto const& peak : points.peaks) values.push_back(peak.*member);
        if (!values.empty()) builder.array(name, unit, on_grid(points, grid, values));
    };
    peaks("q1", inv_A, &PointPeak::q1);
    peaks("q1_sigma", inv_A, &PointPeak::q1_sigma);
    peaks("fwhm", inv_A, &PointPeak::fwhm);
    peaks("fwhm_sigma", inv_A, &PointPeak::fwhm_sigma);
    peaks("chi2_reduced", "", &PointPeak::chi2_reduced);
    return builder.finish(result.curves.flags);
}

WireMessage cake_message(ReducedResult const& result, MessageBuilder builder) {
    Cake const& cake = *result.curves.cake;
    builder.text("unit", name(cake.unit));
    builder.array("radial", "", cake.radial.centres()).array("chi", "deg", cake.chi_deg.centres());
    builder.array("I", "", cake.intensity).array("I_sigma", "", cake.sigma).array("count", "", cake.count);
    return builder.finish(result.curves.flags);
}

} // namespace

std::string topic_of(Speaker const& speaker, std::string_view kind) {
    return speaker.instance + "/" + std::string(kind) + "/";
}

std::string to_text(Json const& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string iso_time(std::int64_t utc_ns) {
    std::time_t const seconds = utc_ns / 1'000'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    std::size_t const n = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text.data() + n, text.size() - n, ".%03dZ", static_cast<int>(utc_ns / 1'000'000 % 1000));
    return text.data();
}

Json frames_json(FrameAccounting const& frames) {
    Json out = {{"expected", frames.expected}, {"received", frames.received}, {"used", frames.used}, {"rejected", frames.rejected}};
    out["rejected_by"] = Json::object();
    for (auto const& [reason, count] : frames.rejected_by) out["rejected_by"][reason] = count;
    out["missing"] = frames.missing;
    out["pending"] = frames.pending;
    out["duplicate"] = frames.duplicate;
    out["missing_ranges"] = Json::array();
    for (auto const& [first, last] : frames.missing_ranges) out["missing_ranges"].push_back({first, last});
    if (frames.missing_ranges_truncated) out["missing_ranges_truncated"] = true;
    if (frames.per_point > 1) out["per_point"] = frames.per_point;
    return out;
}

Json scan_json(ScanIdentity const& scan) {
    Json out = {{"uid", scan.uid}, {"id", scan.id}, {"role", name(scan.role)}, {"series_id", scan.series_id}};
    if (!scan.series_unique_id.empty()) out["series_unique_id"] = scan.series_unique_id;
    if (!scan.mount.empty()) out["mount"] = scan.mount;
    if (scan.grid) out["grid"] = {scan.grid->rows, scan.grid->cols};
    for (auto const& [key, value] : scan.parameters) out["parameters"][key] = value;
    return out;
}

std::vector<std::string> kinds_of(ReducedResult const& result) {
    ReducedCurves const& c = result.curves;
    std::vector<std::string> out{"pattern"};
    if (c.sq) out.emplace_back("sq");
    if (c.gr) out.emplace_back("gr");
    if (c.ad_hoc) out.emplace_back("adhoc");
    if (c.fsdp) out.emplace_back("fsdp");
    if (c.cake) out.emplace_back("cake");
    if (result.points && result.scan.grid) out.emplace_back("map");
    return out;
}

std::vector<WireMessage> result_messages(ReducedResult const& result, Speaker const& speaker, Sequence& sequence,
                                         std::int64_t published_ns) {
    using Make = WireMessage (*)(ReducedResult const&, MessageBuilder);
    static std::map<std::string, Make> const make{{"pattern", pattern_message}, {"sq", sq_message},     {"gr", gr_message},
                                                  {"adhoc", ad_hoc_message},    {"fsdp", fsdp_message}, {"cake", cake_message},
                                                  {"map", map_message}};
    std::vector<std::string> const kinds = kinds_of(result);
    std::vector<WireMessage> out;
    for (std::string const& kind : kinds) {
        MessageBuilder builder(kind, speaker, sequence);
        put_context(builder.header(), result, published_ns);
        builder.header()["kinds"] = kinds;
        out.push_back(make.at(kind)(result, std::move(builder)));
    }
    return out;
}

WireMessage series_message(SeriesNotice const& notice, Speaker const& speaker, Sequence& sequence, std::int64_t published_ns) {
    MessageBuilder builder("series", speaker, sequence);
    constexpr std::array<char const*, 7> events{"start", "end", "aborted", "interrupted", "resumed", "joined", "left"};
    builder.header()["event"] = events[static_cast<std::size_t>(notice.what)];
    builder.header()["reason"] = notice.reason;
    builder.header()["scan"] = scan_json(notice.scan);
    builder.header()["frames"] = frames_json(notice.frames);
    builder.header()["time"] = {{"published", iso_time(published_ns)}};
    return builder.finish({});
}

} // namespace sqd
