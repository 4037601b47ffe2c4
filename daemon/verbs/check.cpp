#include "daemon/verbs/check.hpp"

#include "config/load.hpp"
#include "config/reach.hpp"
#include "daemon/composition_words.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/correction_names.hpp"
#include "daemon/security/access.hpp"
#include "daemon/verbs/geometry_text.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/cake.hpp"
#include "pipeline/stream/worker_pool.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

namespace sqd {
namespace {

/// One curve: whether it will be computed, and why (not).
struct Planned {
    std::string curve;
    bool computed;
    std::string why;
};

struct CheckReport {
    Config config;
    std::vector<std::string> corrections; ///< of pixels and counts, as results will name them
    std::size_t excluded_by_flat = 0;     ///< pixels that the mask keeps
    std::size_t masked = 0;
    std::pair<double, double> reach_invA, data_invA;
    std::size_t empty_bins = 0;
    std::string axis, cake_memory;                     ///< the second one empty without a cake
    std::vector<std::pair<double, double>> ring_cover; ///< q [1/A], fraction
    std::vector<Planned> planned;
    std::vector<std::string> warnings;
    std::string access;

    double percent(std::size_t pixels) const { return 100.0 * static_cast<double>(pixels) / static_cast<double>(config.mask.size()); }
    double masked_percent() const { return percent(masked); }
};

/// Five places over the range, and the middle of the FSDP's window.
std::vector<double> places_of_interest(std::pair<double, double> const& data, ReductionConfig const& reduction) {
    std::vector<double> places;
    for (int i = 0; i < 5; ++i) places.push_back(data.first + (data.second - data.first) * (0.05 + 0.225 * i));
    if (reduction.fsdp) places.push_back(0.5 * (reduction.fsdp->window_low_invA + reduction.fsdp->window_high_invA));
    std::sort(places.begin(), places.end());
    return places;
}

std::string cake_in_words(IntegrationConfig const& integration) {
    if (!integration.cake) return "integration.cake is none";
    auto const& range = integration.cake->azimuth_range_deg;
    return std::to_string(integration.cake->npt_azim) + " x " + std::to_string(integration.npt) + " cells, chi " +
           (range ? fixed(range->first, 1) + " to " + fixed(range->second, 1) + " deg" : "as the pixels see it");
}

/// Memory of the cake's cells, of one result and of making it, in MB.
std::string cake_memory(Config const& config, BinMap const& bins) {
    constexpr double MB = 1e6;
    constexpr std::size_t images = 4, sums = 5; ///< of a result; of a cell
    double const cells = static_cast<double>(config.integration.npt * config.integration.cake->npt_azim),
                 pixels = static_cast<double>(config.geometry.rows * config.geometry.cols);
    double const result = cells * images * sizeof(double), working = (cells * sums + pixels) * sizeof(double); // and the counts
    ShareMatrix const& shares = bins.cake->cells;
    double const kept = static_cast<double>(shares.parts.size() * sizeof(PixelPart) + shares.rest.size() * sizeof(float) +
                                            shares.first.size() * sizeof(std::size_t));
    return fixed(kept / MB, 1) + " MB kept, " + fixed(result / MB, 1) + " MB a result, " + fixed((working + result) / MB, 0) +
           " MB while one is made";
}

std::string axis_in_words(IntegrationConfig const& integration) {
    std::string const bins = std::to_string(integration.npt) + " bins in " + name(integration.unit) + ", ";
    if (!integration.edges.empty()) return bins + "by their edges";
    return bins + (integration.log_spacing ? "in even ratios" : "in even steps");
}

std::vector<Planned> plan(Config const& config) {
    auto const& r = config.reduction;
    auto const background = config.background_use == BackgroundUse::none ? "without a background (background.use is none)"
                            : config.background_use == BackgroundUse::latest
                                ? std::string("once a background has been measured")
                                : "once the background '" + config.background_scan + "' has been measured";
    std::vector<Planned> planned{{"I(q)", true, "always"}};
    planned.push_back({"S(q)", r.structure_factor.has_value(), r.structure_factor ? background : "structure_factor is none"});
    planned.push_back({"FSDP", r.fsdp.has_value(), !r.fsdp ? "fsdp is none" : r.fsdp->on_pattern ? "on I(q)" : "on S(q)"});
    planned.push_back({"G(r)", r.pair_distribution.has_value(),
                       r.pair_distribution  ? "from S(q)"
                       : r.structure_factor ? "pair_distribution is none"
                                            : "there is no S(q)"});
    planned.push_back({"cake", config.integration.cake.has_value(), cake_in_words(config.integration)});
    return planned;
}

std::vector<std::string> warnings_of(CheckReport const& report) {
    std::vector<std::string> warnings;
    if (report.masked_percent() > 50)
        warnings.emplace_back("more than half of the pixels are masked: is the mask inverted? non-zero means masked");
    if (report.empty_bins > 0)
        warnings.push_back(std::to_string(report.empty_bins) + " bins are empty: fewer bins or a smaller range avoid that");
    if (auto const& unused = report.config.unused_settings; !unused.empty()) {
        std::string names;
        for (auto const& name : unused) names += (names.empty() ? "" : ", ") + printable(name);
        warnings.push_back(report.config.poni_file + " also says " + names +
                           ": not used; mask, integration and beam of this configuration count");
    }
    if (auto const said = composition_words(report.config.reduction.sample.composition); !said.empty()) warnings.push_back(said);
    if (!report.config.integration.polarization_factor) warnings.emplace_back("no polarisation correction");
    if (!report.config.detector.threshold_keV) warnings.emplace_back("no threshold: fluorescence is judged by the stream's header alone");
    return warnings;
}

std::vector<std::string> planned_corrections(Config const& config) {
    std::vector<std::string> names;
    ReductionConfig const& r = config.reduction;
    if (r.dead_time)
        names.push_back("dead_time " + fmt::format("{:g}", r.dead_time->seconds * 1e9) + " ns, unless the detector corrects it");
    if (r.dark_use != DarkUse::none) names.push_back("dark " + (r.dark_use == DarkUse::latest ? std::string("latest") : r.dark_scan));
    FlatField const* const flat = config.integration.flat.get();
    auto const of_norm = norm_corrections(config, flat, flat != nullptr ? flat_sha256(*flat) : "");
    names.insert(names.end(), of_norm.begin(), of_norm.end());
    return names;
}

std::string standard_input() {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

CheckReport examine(std::string const& file) {
    CheckReport report{file == "-" ? parse_config(standard_input(), "stdin", read_mask_image, read_number_image)
                                   : load_config(file, read_mask_image, read_number_image),
                       {},
                       0,
                       0,
                       {},
                       {},
                       0,
                       {},
                       {},
                       {},
                       {},
                       {},
                       {}};
    auto const& config = report.config;
    report.access = access_words(config.service.security);
    WorkerPool workers(std::max(1U, std::thread::hardware_concurrency()));
    auto const bins = [&] {
        try {
            return build_bin_map(config.geometry, config.mask, config.integration, config.detector.sensor, config.energy_keV,
                                 workers.parallel_for());
        } catch (DataError const& e) {
            throw ConfigError(file + ":0: integration: no bins (" + e.what() + ") correct range, mask or geometry");
        }
    }();
    report.masked = masked_pixels(config.mask);
    report.corrections = planned_corrections(config);
    if (auto const& flat = config.integration.flat)
        report.excluded_by_flat = masked_pixels(config.mask | excluded_by(*flat)) - report.masked;
    report.reach_invA = reachable_range(config.geometry, RadialUnit::q_invA);
    auto const& edges = bins.axis.edges();
    report.data_invA = {q_of_radial(edges.front(), bins.unit, config.geometry), q_of_radial(edges.back(), bins.unit, config.geometry)};
    report.empty_bins = static_cast<std::size_t>(std::count(bins.bin_pixels.begin(), bins.bin_pixels.end(), 0u));
    for (auto const q : places_of_interest(report.data_invA, config.reduction)) {
        report.ring_cover.emplace_back(q, ring_cover(config.geometry, config.mask, q));
    }
    report.axis = axis_in_words(config.integration);
    if (bins.cake) report.cake_memory = cake_memory(config, bins);
    report.planned = plan(config);
    report.warnings = warnings_of(report);
    return report;
}

void print_masked(CheckReport const& report) {
    auto const& config = report.config;
    std::printf("masked        %.2f %% of the pixels (%zu), without the detector's own mask\n", report.masked_percent(), report.masked);
    std::printf("  by gaps     %.2f %% (%zu)\n", report.percent(config.masked_by_gaps), config.masked_by_gaps);
    std::printf("  by files    %.2f %% (%zu)\n", report.percent(config.masked_by_files), config.masked_by_files);
    for (auto const& file : config.mask_files)
        std::printf("    %.2f %% (%zu) %s\n", report.percent(file.masked), file.masked, printable(file.path).c_str());
    if (auto const& flat = config.integration.flat)
        std::printf("  by flat     %.2f %% (%zu) %s\n", report.percent(report.excluded_by_flat), report.excluded_by_flat,
                    printable(flat->name).c_str());
}

void print_text(CheckReport const& report) {
    auto const& g = report.config.geometry;
    std::printf("# effective configuration of %s\n%s\n", report.config.file.c_str(), report.config.effective_yaml.c_str());
    std::printf("geometry      %zu x %zu pixels of %.4g um, %.4f A, by %s\n", g.rows, g.cols, g.pixel1_m * 1e6, g.wavelength_A,
                printable(source_of_geometry(report.config)).c_str());
    std::printf("orientation   %s\n", orientation_in_words(report.config).c_str());
    std::printf("beam          %s\n", beam_in_words(g).c_str());
    print_masked(report);
    for (auto const& name : report.corrections) std::printf("correction    %s\n", printable(name).c_str());
    std::printf("reach         q %.3f to %.3f 1/A\n", report.reach_invA.first, report.reach_invA.second);
    std::printf("integrated    q %.3f to %.3f 1/A, %zu bins, %zu empty\n", report.data_invA.first, report.data_invA.second,
                report.config.integration.npt, report.empty_bins);
    std::printf("axis          %s\n", report.axis.c_str());
    for (auto const& [q, cover] : report.ring_cover) std::printf("ring cover    q %.3f 1/A: %.3f\n", q, cover);
    for (auto const& item : report.planned) {
        std::printf("%-13s %s, %s\n", item.curve.c_str(), item.computed ? "computed" : "not computed", item.why.c_str());
    }
    if (!report.cake_memory.empty()) std::printf("cake memory   %s\n", report.cake_memory.c_str());
    std::printf("access        %s\n", report.access.c_str());
    for (auto const& warning : report.warnings) std::printf("warning       %s\n", printable(warning).c_str());
    std::printf("ok\n");
}

void print_json(CheckReport const& report) {
    using Json = nlohmann::json;
    Json planned = Json::object(), cover = Json::array(), files = Json::array();
    for (auto const& file : report.config.mask_files)
        files.push_back({{"file", file.path}, {"pixels", file.masked}, {"percent", report.percent(file.masked)}});
    for (auto const& item : report.planned) planned[item.curve] = {{"computed", item.computed}, {"why", item.why}};
    for (auto const& [q, fraction] : report.ring_cover) cover.push_back({{"q_invA", q}, {"fraction", fraction}});
    Json const all{
        {"ok", true},
        {"file", report.config.file},
        {"effective_yaml", report.config.effective_yaml},
        {"orientation", report.config.geometry.orientation},
        {"orientation_in_words", orientation_in_words(report.config)},
        {"geometry", geometry_json(report.config)},
        {"masked_pixels", report.masked},
        {"masked_percent", report.masked_percent()},
        {"masked_by_gaps", {{"pixels", report.config.masked_by_gaps}, {"percent", report.percent(report.config.masked_by_gaps)}}},
        {"masked_by_files",
         {{"pixels", report.config.masked_by_files}, {"percent", report.percent(report.config.masked_by_files)}, {"files", files}}},
        {"excluded_by_flat", {{"pixels", report.excluded_by_flat}, {"percent", report.percent(report.excluded_by_flat)}}},
        {"corrections", report.corrections},
        {"reach_invA", {report.reach_invA.first, report.reach_invA.second}},
        {"range_invA", {report.data_invA.first, report.data_invA.second}},
        {"bins", report.config.integration.npt},
        {"axis", report.axis},
        {"cake_memory", report.cake_memory},
        {"empty_bins", report.empty_bins},
        {"ring_cover", cover},
        {"computed", planned},
        {"access", report.access},
        {"warnings", report.warnings}};
    std::printf("%s\n", all.dump(2).c_str());
}

} // namespace

int check_command(std::string const& config_file, bool json) {
    auto const report = examine(config_file);
    json ? print_json(report) : print_text(report);
    return 0;
}

void add_check(CLI::App& app, std::function<int()>& run) {
    struct Arguments {
        std::string config;
        bool json = false;
    };
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = app.add_subcommand("check", "check a configuration and say what would be computed");
    verb->footer(
        "Examples:\n"
        "  sqd check station.yaml\n"
        "  sqd init --poni detector.poni | sqd check -\n"
        "  sqd check --json station.yaml | jq .warnings\n"
        "Opens everything the configuration names and no socket. Exit code 78: it is refused, file:line: key: problem (why) suggestion.");
    verb->add_option("-c,--config,config", arguments->config, "configuration file (YAML); - is standard input")->required();
    verb->add_flag("--json", arguments->json, "one JSON object instead of lines");
    verb->callback([arguments, &run] { run = [arguments] { return check_command(arguments->config, arguments->json); }; });
}

} // namespace sqd
