// Text and JSON of one reduction; the JSON is made of the messages that would be published, so the names cannot differ.
#include "daemon/verbs/reduce_report.hpp"

#include "daemon/composition_words.hpp"
#include "daemon/findings_words.hpp"
#include "daemon/flag_words.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <span>

namespace sqd {

namespace {

std::string pattern_lines(ReducedCurves const& curves) {
    std::vector<double> const& q = curves.pattern.q_invA;
    std::string out;
    if (!q.empty()) {
        out +=
            labelled_line("pattern", std::to_string(q.size()) + " bins, q " + fixed(q.front(), 3) + " to " + fixed(q.back(), 3) + " 1/A");
    }
    if (curves.background) out += labelled_line("background", "x " + fixed(curves.background_scale, 4));
    return out;
}

std::string unit_lines(std::vector<InputUnit> const& inputs) {
    std::string out;
    for (InputUnit const& input : inputs) {
        bool const assumed = input.source == "assumed";
        out += labelled_line("unit", input.part + " " + input.unit + (assumed ? " (assumed)" : " (stated: " + input.source + ")"));
    }
    return out;
}

std::string percent(double fraction) {
    return fixed(100 * fraction, 2) + " %";
}

std::string sq_lines(StructureFactor const& sq) {
    Normalization const& n = sq.normalization;
    std::string others = "kmn " + fixed(n.alpha_kmn, 4) + ", mean " + fixed(n.alpha_kmn_mean, 4) + ", high q " + fixed(n.alpha_high_q, 4);
    if (n.alpha_high_q_constant)
        others += ", with a constant " + fixed(*n.alpha_high_q_constant, 4) + " (" + fixed(n.constant, 2) + " el.)";
    if (n.alpha_low_r) others += ", low r " + fixed(*n.alpha_low_r, 4);
    std::string out =
        labelled_line("alpha", with_error(n.alpha, n.alpha_sigma) + " (" + n.method + "; spread " + fixed(n.alpha_spread, 4) + ")") +
        labelled_line("", others);
    if (n.fluorescence > 0)
        out += labelled_line("fluor.", fixed(n.fluorescence, 1) + " electron units, amplitude " +
                                           with_error(n.fluorescence_amplitude, n.fluorescence_amplitude_sigma));
    if (n.multiple_scattering)
        out += labelled_line("multiple", percent(*n.multiple_scattering) + " of the photons scatter twice, " +
                                             (n.multiple_scattering_subtracted ? "subtracted" : "left in"));
    return out;
}

std::string check_lines(ReducedCurves const& curves) {
    if (!curves.checks) return "";
    ScaleChecks const& checks = *curves.checks;
    std::string words = "S at high q " + with_error(checks.s_high_q.value, checks.s_high_q.sigma) + " (1), mean of F " +
                        with_error(checks.f_mean.value, checks.f_mean.sigma) + " 1/A (0)";
    if (checks.density_low_r_A3)
        words +=
            ", density by low r " + fixed(*checks.density_low_r_A3, 4) + " (" + fixed(curves.sq->normalization.density_A3, 4) + ") 1/A^3";
    return labelled_line("checks", words);
}

std::string fsdp_lines(Fsdp const& f) {
    std::string const unit = " 1/A";
    return labelled_line("q1", with_error(f.q1, f.q1_sigma) + unit + " (statistics), model " + fixed(f.q1_sigma_model, 4) + ", distance " +
                                   fixed(f.q1_sigma_geometry, 4)) +
           labelled_line("q1_max", fixed(f.q1_max, 4) + unit) + labelled_line("fwhm", with_error(f.fwhm, f.fwhm_sigma) + unit) +
           labelled_line("fit", f.model + " on " + f.on + ", q " + fixed(f.window_low, 3) + " to " + fixed(f.window_high, 3) + ", chi2 " +
                                    fixed(f.chi2_reduced, 2));
}

std::string gr_lines(PairDistribution const& gr) {
    std::string places, numbers;
    for (auto const& shell : gr.shells) {
        places += (places.empty() ? "" : ", ") + with_error(shell.r_A.value, shell.r_A.sigma);
        if (shell.coordination)
            numbers += (numbers.empty() ? "" : ", ") + with_error(shell.coordination->value, shell.coordination->sigma) + " (" +
                       fixed(shell.r_low_A, 2) + " to " + fixed(shell.r_high_A, 2) + " A)";
    }
    return (places.empty() ? "" : labelled_line("shells", places + " A")) + (numbers.empty() ? "" : labelled_line("neighbours", numbers));
}

std::string refinement_lines(LowRRefinement const& refinement) {
    std::string out;
    if (refinement.density_A3) out += "density " + with_error(refinement.density_A3->value, refinement.density_A3->sigma) + " 1/A^3 ";
    if (refinement.background_scale)
        out += "background x " + with_error(refinement.background_scale->value, refinement.background_scale->sigma) + " ";
    out += refinement.refused.empty() ? "(used)" : "(not used: " + refinement.refused + ")";
    return labelled_line("refined", out);
}

std::string ad_hoc_lines(AdHocCurves const& a) {
    return labelled_line("ad hoc", "scale " + fixed(a.scale, 6) + ", rpoly " + fixed(a.rpoly_A, 2) + " A (degree " + fixed(a.degree, 2) +
                                       "), q " + fixed(a.q_min_invA, 2) + " to " + fixed(a.gr.q_max_invA, 2) + " 1/A");
}

std::string uncertainty_lines(ReducedCurves const& curves) {
    std::string terms;
    for (auto const& term : curves.systematics)
        if (std::isfinite(term.q1))
            terms += (terms.empty() ? "" : ", ") + term.name + " (" + term.moved + ") " + short_sigma(std::abs(term.q1));
    std::string out = terms.empty() ? "" : labelled_line("q1 moves", terms + " 1/A");
    if (auto const& points = curves.point_statistics)
        out += labelled_line("points", std::to_string(points->points) + ", scatter over counting: q1 " + fixed(points->q1_ratio, 2) +
                                           ", fwhm " + fixed(points->fwhm_ratio, 2) + ", intensity " + fixed(points->intensity_ratio, 2));
    if (auto const& replicas = curves.replicas)
        out += labelled_line("replicas", std::to_string(replicas->replicas) + ": q1 " + short_sigma(replicas->q1) + ", fwhm " +
                                             short_sigma(replicas->fwhm) + " 1/A");
    if (curves.advice) out += labelled_line("advice", curves.advice->sentence);
    return out;
}

std::string flag_lines(ReducedCurves const& curves) {
    std::vector<std::string> flags = curves.flags;
    if (curves.fsdp) flags.insert(flags.end(), curves.fsdp->flags.begin(), curves.fsdp->flags.end());
    std::string out;
    for (std::string const& words : flags_in_words(flags)) out += labelled_line(out.empty() ? "flags" : "", words);
    return out.empty() ? labelled_line("flags", "none") : out;
}

/// A list, or of an image its rows.
Json array_of(std::string const& bytes, std::vector<std::size_t> const& shape) {
    std::vector<double> values(bytes.size() / sizeof(double));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
    if (shape.size() == 1) return array_json(values);
    Json out = Json::array();
    for (std::size_t row = 0; row < shape.front(); ++row)
        out.push_back(array_json(std::span(values).subspan(row * shape.back(), shape.back())));
    return out;
}

Json kind_json(WireMessage const& message) {
    Json out = {{"values", message.header.at("values")}, {"units", message.header.at("units")}, {"arrays", Json::object()}};
    Json const& arrays = message.header.at("arrays");
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        std::string const name = arrays[i].at("name");
        out["arrays"][name] = array_of(message.arrays.at(i), arrays[i].at("shape"));
        out["units"][name] = arrays[i].at("unit");
    }
    return out;
}

} // namespace

Json array_json(std::span<double const> values) {
    Json out = Json::array();
    for (double const value : values) out.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
    return out;
}

std::string curves_text(ReducedCurves const& curves) {
    std::string out = pattern_lines(curves);
    if (curves.sq) out += sq_lines(*curves.sq) + check_lines(curves);
    if (curves.fsdp) out += fsdp_lines(*curves.fsdp);
    if (curves.gr) out += gr_lines(*curves.gr);
    if (curves.refinement) out += refinement_lines(*curves.refinement);
    if (curves.ad_hoc) out += ad_hoc_lines(*curves.ad_hoc);
    return out + uncertainty_lines(curves) + flag_lines(curves);
}

std::string findings_text(Findings const& findings) {
    std::string out;
    if (!findings.hot_pixels.empty()) out += labelled_line("left out", words(findings.hot_pixels) + " (hot)");
    if (!findings.lines.empty()) out += labelled_line("lines", words(findings.lines));
    if (findings.calibration) out += labelled_line("geometry", words(*findings.calibration));
    return out;
}

std::string reduce_text(FilesReduced const& reduced) {
    auto const said = composition_words(reduced.result.sample.composition);
    std::string applied;
    for (std::string const& step : reduced.result.provenance.corrections) applied += (applied.empty() ? "" : ", ") + step;
    return labelled_line("sample", reduced.result.scan.id) + unit_lines(reduced.inputs) +
           labelled_line("applied", applied.empty() ? "nothing" : applied) +
           (said.empty() ? "" : labelled_line("composition", printable(said))) + curves_text(reduced.result.curves);
}

Json curves_json(ReducedResult const& result) {
    Json out = Json::object();
    Sequence sequence;
    Json flags = result.curves.flags;
    for (WireMessage const& message : result_messages(result, {"reduce", ""}, sequence, result.time.reduced_ns)) {
        constexpr std::size_t prefix = std::string_view("reduce/").size();
        std::string const kind = message.topic.substr(prefix, message.topic.size() - prefix - 1);
        out[kind] = kind_json(message);
        if (message.header.contains("findings")) out["findings"] = message.header.at("findings");
        if (message.header.at("flags").size() > flags.size()) flags = message.header.at("flags"); // the peak's own come on top
    }
    out["flags"] = std::move(flags);
    return out;
}

Json reduce_json(FilesReduced const& reduced) {
    ReducedResult const& result = reduced.result;
    Json out = {{"schema", "sqd.reduce/1.0"},
                {"sample", result.scan.id},
                {"version", result.provenance.version},
                {"config_sha256", result.provenance.config_sha256},
                {"corrections", result.provenance.corrections}};
    out.update(curves_json(result));
    out["inputs"] = Json::array();
    for (InputUnit const& input : reduced.inputs)
        out["inputs"].push_back({{"part", input.part}, {"file", input.file}, {"unit", input.unit}, {"unit_from", input.source}});
    return out;
}

} // namespace sqd
