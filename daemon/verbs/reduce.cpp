// Files in, curves out: the same recipe as the service's.
#include "daemon/verbs/reduce.hpp"

#include "config/load.hpp"
#include "daemon/durable_file.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/npy_image.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/import/resample.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/correction_names.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/provenance.hpp"
#include "daemon/verbs/reduce_report.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/pattern.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// A pattern and what had to be assumed to get it.
struct Input {
    Pattern1D pattern;
    std::string unit_source;
    std::vector<std::string> flags;
};

bool is_image(std::string const& file) {
    return fs::path(file).extension() == ".npy";
}

/// Reads either kind of file; the bin map of the configuration is built once, for the first image.
class InputReader {
public:
    InputReader(ReduceRequest const& request, Config const& config) : request_(request), config_(config) {}

    Input operator()(std::string const& file, std::optional<double> frames) {
        if (!is_image(file)) return from_text(file);
        Input out{integrate(file, frames.value_or(1)), "geometry", {}};
        if (!frames) out.flags.emplace_back("frames_assumed_1");
        if (config_.reduction.dark_use != DarkUse::none) out.flags.emplace_back("no_dark");
        if (config_.reduction.dead_time) out.flags.emplace_back("dead_time_withheld"); // of a mean, whose frames are not known
        return out;
    }

private:
    Pattern1D integrate(std::string const& file, double frames) {
        Geometry const& g = config_.geometry;
        if (!bins_) {
            bins_ = build_bin_map(g, config_.mask, config_.integration, config_.detector.sensor, config_.energy_keV, serial_for());
        }
        Image<double> const image = read_npy_image(file, g.rows, g.cols);
        constexpr double monitor = 1;
        return to_pattern(*bins_, integrate_image(*bins_, image.pixels, frames, request_.exposure_s, monitor));
    }

    Input from_text(std::string const& file) const {
        PatternFile read = read_pattern_file(file, {request_.unit, wavelength_A(config_.energy_keV)});
        Input out{std::move(read.pattern), request_.unit ? "option" : read.unit_assumed ? "assumed" : "header", {}};
        if (read.sigma_assumed) out.flags.emplace_back("sigma_assumed_poisson");
        if (read.skipped_rows > 0) out.flags.push_back("rows_skipped:" + std::to_string(read.skipped_rows));
        return out;
    }

    ReduceRequest const& request_;
    Config const& config_;
    std::optional<BinMap> bins_;
};

void append_new(std::vector<std::string>& to, std::vector<std::string> const& from) {
    for (std::string const& flag : from)
        if (std::find(to.begin(), to.end(), flag) == to.end()) to.push_back(flag);
}

ReductionConfig recipe(ReduceRequest const& request, Config const& config) {
    ReductionConfig out = config.reduction;
    if (request.scale) {
        out.background.scale = *request.scale;
        out.sample.transmission = 1;
    }
    return out;
}

InputUnit unit_of(char const* part, std::string const& file, Input const& input) {
    return {part, file, name(input.pattern.unit), input.unit_source};
}

/// Both are converted to q, each from its own unit: one that nobody stated beside one that is stated is a likely mistake.
void flag_assumed_unit(std::vector<InputUnit> const& inputs, std::vector<std::string>& flags) {
    auto const assumed = [](InputUnit const& input) { return input.source == "assumed"; };
    if (std::all_of(inputs.begin(), inputs.end(), assumed)) return;
    for (InputUnit const& input : inputs)
        if (assumed(input)) flags.push_back(input.part + "_unit_assumed");
}

ReducedCurves reduce_inputs(ReduceRequest const& request, Config const& config, std::vector<InputUnit>& units) {
    InputReader read(request, config);
    ReductionConfig const how = recipe(request, config);
    Input const sample = read(request.sample, request.frames);
    units.push_back(unit_of("sample", request.sample, sample));
    if (request.background.empty()) {
        ReducedCurves curves = reduce_pattern(sample.pattern, nullptr, config.background_use != BackgroundUse::none, how);
        append_new(curves.flags, sample.flags);
        return curves;
    }
    Input const background = read(request.background, request.background_frames);
    units.push_back(unit_of("background", request.background, background));
    PatternPair const pair = onto_one_grid(sample.pattern, background.pattern);
    ReducedCurves curves = reduce_pattern(pair.sample, &pair.background, true, how);
    append_new(curves.flags, sample.flags);
    append_new(curves.flags, background.flags);
    flag_assumed_unit(units, curves.flags);
    if (pair.interpolated) curves.flags.emplace_back("background_interpolated");
    if (pair.cut_bins > 0) curves.flags.push_back("cut_to_background:" + std::to_string(pair.cut_bins));
    return curves;
}

struct ReduceArguments {
    ReduceRequest request;
    std::string config, unit, output;
    bool json = false, overwrite = false;
};

int reduce_command(ReduceArguments arguments) {
    if (!arguments.unit.empty()) arguments.request.unit = parse_pattern_unit(arguments.unit);
    Config const config = load_config(arguments.config, read_mask_image, read_number_image);
    FilesReduced const reduced = reduce_files(arguments.request, config);
    ReducedResult const& result = reduced.result;
    std::vector<fs::path> files;
    if (!arguments.output.empty()) {
        files = export_curves(result, reduce_header(arguments.request, config, result), arguments.output,
                              arguments.overwrite ? Overwrite::yes : Overwrite::no);
    }
    if (arguments.json) {
        Json out = reduce_json(reduced);
        out["files"] = Json::array();
        for (fs::path const& file : files) out["files"].push_back(file.string());
        std::printf("%s\n", to_text(out).c_str());
        return 0;
    }
    std::fputs(reduce_text(reduced).c_str(), stdout);
    for (fs::path const& file : files) std::printf("wrote       %s\n", file.c_str());
    return 0;
}

} // namespace

FilesReduced reduce_files(ReduceRequest const& request, Config const& config) {
    FilesReduced files;
    ReducedResult& out = files.result;
    out.curves = reduce_inputs(request, config, files.inputs);
    out.scan.id = fs::path(request.sample).stem().string();
    out.result = 1;
    out.state = ResultState::final;
    out.detector = config.detector.name;
    out.geometry = config.geometry;
    out.sample = config.reduction.sample;
    out.provenance.version = SQD_VERSION;
    out.provenance.config_sha256 = sha256_hex(config.effective_yaml);
    if (is_image(request.sample)) out.provenance.corrections = norm_corrections(config, nullptr, "");
    for (auto& step : pattern_steps(config, out.curves)) out.provenance.corrections.push_back(std::move(step));
    out.time.reduced_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return files;
}

TextHeader reduce_header(ReduceRequest const& request, Config const& config, ReducedResult const& result) {
    TextHeader header;
    header.input_file = request.sample;
    header.background_file = request.background;
    header.composition = config.reduction.sample.composition.text;
    if (result.curves.net) header.background_scale = result.curves.background_scale;
    header.comments.push_back("configuration sha256 " + result.provenance.config_sha256);
    for (std::string const& flag : result.curves.flags) header.comments.push_back("flag " + flag);
    return header;
}

std::vector<fs::path> export_curves(ReducedResult const& result, TextHeader const& header, fs::path const& directory, Overwrite overwrite) {
    require_writable_directory(directory);
    ReducedCurves const& curves = result.curves;
    std::vector<fs::path> files;
    auto const next = [&](char const* ending) { return files.emplace_back(directory / (result.scan.id + ending)); };
    write_dat(next(".dat"), curves.net ? *curves.net : curves.pattern, header, overwrite);
    if (curves.sq) write_sq(next(".sq"), *curves.sq, header, overwrite);
    if (curves.sq) write_fq(next(".fq"), *curves.sq, header, overwrite);
    if (curves.gr) write_gr(next(".gr"), *curves.gr, header, overwrite);
    if (curves.ad_hoc) {
        auto const written = write_ad_hoc(directory, result.scan.id + "_adhoc", *curves.ad_hoc, header, overwrite);
        files.insert(files.end(), written.begin(), written.end());
    }
    return files;
}

void add_reduce(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<ReduceArguments>();
    ReduceRequest& request = arguments->request;
    CLI::App* verb = app.add_subcommand("reduce", "reduce one pattern or mean image and its background to S(q), FSDP and G(r)");
    verb->footer("Examples:\n"
                 "  sqd reduce glass.xy --background air.xy -c station.yaml -o results\n"
                 "  sqd reduce glass.chi --unit 2th_deg --background air.chi --scale 0.98 -c station.yaml\n"
                 "  sqd reduce mean.npy --frames 1800 --exposure 0.02 -c station.yaml --json");
    verb->add_option("sample", request.sample, "pattern (.xy .xye .chi .dat) or image (.npy)")->required();
    verb->add_option("--background", request.background, "pattern or image to subtract");
    verb->add_option("-c,--config", arguments->config, "configuration file (YAML)")->required();
    verb->add_option("-o,--output", arguments->output, "write NAME.dat .sq .fq .gr (and NAME_adhoc.*) into this directory");
    verb->add_option("--unit", arguments->unit, "unit of the first column (default: as the file says, else q_A^-1)")
        ->check(CLI::IsMember({"q_A^-1", "q_nm^-1", "2th_deg", "2th_rad"}));
    verb->add_option("--scale", request.scale, "factor of the background, in place of the transmission-weighted one (then T = 1)")
        ->check(CLI::NonNegativeNumber);
    verb->add_option("--frames", request.frames, "frames that the sample's image is the mean of")->check(CLI::PositiveNumber);
    verb->add_option("--background-frames", request.background_frames, "frames that the background's image is the mean of")
        ->check(CLI::PositiveNumber);
    verb->add_option("--exposure", request.exposure_s, "exposure of a frame in s")->check(CLI::PositiveNumber);
    verb->add_flag("--json", arguments->json, "every value and curve as JSON");
    verb->add_flag("--overwrite", arguments->overwrite, "replace files that exist");
    verb->callback([arguments, &run] { run = [arguments] { return reduce_command(*arguments); }; });
}

} // namespace sqd
