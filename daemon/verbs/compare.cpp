#include "daemon/verbs/compare.hpp"

#include "daemon/archive/read_result.hpp"
#include "daemon/comparison_words.hpp"
#include "daemon/publish/comparison_json.hpp"
#include "daemon/publish/result_message.hpp"
#include "daemon/verbs/reduce_report.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "pipeline/reduce/compare.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

namespace sqd {

namespace {

struct CompareArguments {
    std::string a, b;
    bool json = false;
};

constexpr int refused_exit = 65;

std::string scan_words(ComparedResult const& result) {
    std::string out = result.id + " (" + result.uid + ")";
    if (!result.mount.empty()) out += ", mount " + result.mount;
    return printable(out);
}

std::string times_sigma(double significance) {
    return std::isfinite(significance) ? fmt::format("{:.1f}", significance) : "-";
}

/// Without the heights of shells, so that it fits on a screen; JSON has them.
std::string table(Comparison const& comparison) {
    std::string out = fmt::format("\n{:20}{:>10}{:>10}{:>16}{:>10}{:>10}\n", "", "a", "b", "b - a", "counting", "and mount");
    for (auto const& number : comparison.numbers) {
        if (number.name.starts_with("shell") && number.name.ends_with("height")) continue;
        out += fmt::format("{:20}{:>10}{:>10}{:>16}{:>10}{:>10}{}\n", number.name, fixed(number.a, 5), fixed(number.b, 5),
                           signed_digits(number.value, number.sigma), times_sigma(number.significance),
                           times_sigma(number.significance_with_geometry),
                           number.unit.empty()         ? ""
                           : number.unit == "angstrom" ? "  A"
                                                       : "  1/A");
    }
    return out;
}

/// The point that differs most, in its own sigmas.
std::string largest(CurveDifference const& curve, char const* axis, char const* unit) {
    double most = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
        double const sigmas = std::abs(curve.difference[i]) / curve.sigma[i];
        if (std::isfinite(sigmas) && sigmas > most) most = sigmas, at = i;
    }
    if (!(most > 0)) return "";
    return fmt::format("; most at {} {:.2f} {}: {}, {:.1f} sigma", axis, curve.x[at], unit,
                       signed_digits(curve.difference[at], curve.sigma[at]), most);
}

nlohmann::ordered_json curve_arrays(CurveDifference const& curve, char const* axis) {
    return {{axis, array_json(curve.x)}, {"difference", array_json(curve.difference)}, {"sigma", array_json(curve.sigma)}};
}

Json report_json(ComparedResult const& a, ComparedResult const& b, Comparison const& comparison) {
    Json out = {{"schema", "sqd.compare/1.0"}, {"a", {{"uid", a.uid}, {"id", a.id}}}, {"b", {{"uid", b.uid}, {"id", b.id}}}};
    out.update(comparison_json(comparison));
    out.erase("reference"); // a
    out["arrays"] = Json::object();
    if (comparison.s) out["arrays"]["S"] = curve_arrays(*comparison.s, "q");
    if (comparison.g) out["arrays"]["G"] = curve_arrays(*comparison.g, "r");
    return out;
}

int compare_command(CompareArguments const& arguments) {
    ComparedResult const a = read_result(arguments.a), b = read_result(arguments.b);
    Comparison const comparison = compare(a, b);
    std::string const text = arguments.json ? to_text(report_json(a, b, comparison)) + "\n" : comparison_text(a, b, comparison);
    std::fputs(text.c_str(), stdout);
    return comparison.refused.empty() ? 0 : refused_exit;
}

} // namespace

std::string comparison_text(ComparedResult const& a, ComparedResult const& b, Comparison const& comparison) {
    std::string out = labelled_line("a", scan_words(a)) + labelled_line("b", scan_words(b));
    if (!comparison.refused.empty()) return out + labelled_line("refused", printable(comparison.refused));
    out += labelled_line("mount",
                         comparison.one_mount ? "the same: its distance is common" : "not said to be the same: the distance errs as well");
    out += labelled_line("background", comparison.one_background ? "the same: its errors cancel" : "not the same");
    out += table(comparison) + "\n";
    if (comparison.s) out += labelled_line("S(q)", words(*comparison.s, comparison.one_mount) + largest(*comparison.s, "q", "1/A"));
    if (comparison.g) out += labelled_line("G(r)", words(*comparison.g, comparison.one_mount) + largest(*comparison.g, "r", "A"));
    for (auto const& part : comparison.left_out) out += labelled_line("left out", printable(part));
    for (auto const& warning : comparison.warnings) out += labelled_line("warning", printable(warning));
    return out + labelled_line("result", words(comparison));
}

void add_compare(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<CompareArguments>();
    CLI::App* verb = app.add_subcommand("compare", "what differs between two archived scans, by how many sigmas, sample or mount");
    verb->footer("Examples:\n"
                 "  sqd compare archive/vit4_298K_sample_1.nxs archive/vit4_643K_sample_2.nxs\n"
                 "  sqd compare --json a.nxs b.nxs > difference.json\n"
                 "Significance is in sigmas of counting, then with the distance of two mounts as well. Exit code 65: they are not the same "
                 "measurement.");
    verb->add_option("a", arguments->a, "archive file (.nxs) that the other is held against")->required();
    verb->add_option("b", arguments->b, "archive file (.nxs)")->required();
    verb->add_flag("--json", arguments->json, "print JSON, with the differences of the curves");
    verb->callback([arguments, &run] { run = [arguments] { return compare_command(*arguments); }; });
}

} // namespace sqd
