#include "daemon/simulate/simulate_command.hpp"

#include "daemon/simulate/dialect.hpp"
#include "daemon/simulate/scan_plan.hpp"
#include "daemon/simulate/simulation.hpp"
#include "detectors/simulated/faults.hpp"
#include "pipeline/core/errors.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

namespace sqd {

namespace {

using simulated::HeaderDetail;
using simulated::SimulateOptions;

constexpr auto help = "help";

void check_fault(std::string const& text) {
    if (text == help) return;
    auto const fault = simulated::parse_fault(text);
    if (fault.name == "firmware_change") simulated::spoken({}, fault.value);
}

/// Turns the refusal of a parser into CLI11's: the text, or empty when all is well.
template <class Parse>
std::string refusal(Parse const& parse) {
    try {
        parse();
        return {};
    } catch (DataError const& error) {
        return error.what();
    }
}

void add_what_is_sent(CLI::App& verb, SimulateOptions& o) {
    verb.add_option("-c,--config", o.config_file, "the station's configuration")->check(CLI::ExistingFile);
    verb.add_option("--scans", o.scans, "series to play, role:frames, e.g. background:400,sample:1800")
        ->check([](std::string const& text) { return refusal([&] { simulated::parse_scan_requests(text); }); })
        ->capture_default_str();
    verb.add_option("--grid", o.grid, "map of the sample series, ROWSxCOLS")->check([](std::string const& text) {
        return refusal([&] { simulated::parse_grid(text); });
    });
    verb.add_option("--exposure", o.exposure_s, "seconds per frame [0.02, Pilatus 1]")->check(CLI::Range(1e-6, 1e5));
    verb.add_option("--flux", o.flux_per_s, "incident photons per second")->check(CLI::PositiveNumber)->capture_default_str();
    verb.add_option("--air", o.air_path_mm, "air path that the detector sees, mm")->check(CLI::NonNegativeNumber)->capture_default_str();
    verb.add_option("--seed", o.seed, "of all random numbers")->capture_default_str();
    verb.add_option("--series-id", o.first_series_id, "of the first series")->capture_default_str();
    verb.add_option("--scan-name", o.scan_name, "of the sample series; the background's gets _air")->capture_default_str();
    verb.add_option("--recording", o.recording_directory, "play the messages recorded in this folder instead")
        ->check(CLI::ExistingDirectory);
    verb.add_option("--fault", o.faults, "[SERIES:]NAME[=VALUE], what goes wrong in that series, or in all; help lists them")
        ->take_all()
        ->check([](std::string const& text) { return refusal([&] { check_fault(text); }); });
    verb.add_option("--encoding", o.encoding,
                    "of images, and other words of a dialect: '<', 'lz4<', 'bs8-lz4<', 16bit, header_basic, 1.6, ...")
        ->check([](std::string const& text) { return refusal([&] { simulated::spoken({}, text); }); });
    verb.add_option(
            "--prepared", o.prepared,
            "draw and pack only the first N frames of a role (of a map, N on the sample and N off it) before anything is sent, and repeat "
            "them in turn, in later series of that role, too: fast, without new noise [0: every frame anew]")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{100'000}))
        ->excludes("--recording");
    verb.add_option("--channels", o.channels, "Stream V2: thresholds, the third is the difference")->check(CLI::Range(1U, 3U));
}

void add_how_it_is_sent(CLI::App& verb, SimulateOptions& o) {
    verb.add_option("--bind", o.bind, "endpoint to send from [the port of source.connect, on loopback]; port 0 = any");
    verb.add_option("--connect", o.connect, "endpoint to send to [the port of source.bind, on loopback]")->excludes("--bind");
    verb.add_option("--rate", o.rate_hz, "frames per second [one per exposure]; 0 = as fast as the client takes them")
        ->check(CLI::NonNegativeNumber);
    verb.add_option("--wait", o.wait_s, "seconds to wait for a client before the first series")->check(CLI::NonNegativeNumber);
    verb.add_option("--announce", o.announce, "control endpoint of a daemon to announce each series to");
    add_key_options(verb, o.keys);
    verb.add_option("--header-detail", o.header_detail, "Eiger: none, basic or all")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, HeaderDetail>{{"none", HeaderDetail::none}, {"basic", HeaderDetail::basic}, {"all", HeaderDetail::all}}));
    verb.add_option("--payload", o.cbf, "Pilatus, array_stream: cbf or raw")
        ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"cbf", true}, {"raw", false}}));
    verb.add_flag("--in-place", o.in_place, "cbf_folder: write files slowly under their own names, as without a rename");
    verb.add_flag("!--no-end", o.with_end, "leave out the end of each series");
    verb.add_option("--truth", o.truth_directory, "folder for the truth: truth.json, expected images, S(q), g(r)");
    verb.add_flag("--expected-only", o.expected_only, "write the truth and send nothing");
}

} // namespace

void add_simulate(CLI::App& app, std::function<int()>& run) {
    auto const options = std::make_shared<SimulateOptions>();
    auto* const verb = app.add_subcommand("simulate", "send the frames of a virtual metallic glass, as a detector would");
    verb->footer("Examples:\n"
                 "  sqd simulate -c config/id13.yaml --scans background:400,sample:1800 --grid 30x60 --rate 50 --wait 30\n"
                 "  sqd simulate -c config/simulated.yaml --truth truth --fault gaps=5\n"
                 "  sqd simulate --fault help");
    add_what_is_sent(*verb, *options);
    add_how_it_is_sent(*verb, *options);
    verb->callback([options, &run] {
        run = [options] {
            auto const& faults = options->faults;
            if (std::find(faults.begin(), faults.end(), help) == faults.end()) return simulated::simulate(*options);
            std::fputs(simulated::fault_help().c_str(), stdout);
            return 0;
        };
    });
}

} // namespace sqd
