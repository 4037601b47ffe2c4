#include "daemon/simulate/simulation.hpp"

#include "config/load.hpp"
#include "daemon/simulate/announcer.hpp"
#include "daemon/simulate/truth_files.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

namespace sqd::simulated {

namespace {

constexpr int exit_unavailable = 69;
constexpr auto pilatus_kind = "pilatus_stream", stream1_kind = "dectris_stream1";

/// Where to bind: as asked, else the port the daemon connects to.
std::string endpoint(SimulateOptions const& options, SourceConfig const& source) {
    if (!options.bind.empty()) return options.bind;
    auto const colon = source.connect.rfind(':');
    if (source.connect.empty() || colon == std::string::npos)
        throw ConfigError("source.connect: no port to send from (the source has none) give --bind tcp://127.0.0.1:9999");
    return "tcp://127.0.0.1" + source.connect.substr(colon);
}

/// Progress on a terminal, silence elsewhere.
std::function<void(std::uint64_t)> progress_line(std::string const& name, std::uint64_t frames) {
    if (isatty(STDERR_FILENO) == 0) return [](std::uint64_t) {};
    return [name, frames, last = std::chrono::steady_clock::time_point{}](std::uint64_t done) mutable {
        auto const now = std::chrono::steady_clock::now();
        if (done < frames && now - last < std::chrono::milliseconds(200)) return;
        last = now;
        std::fprintf(stderr, "\r%s: %llu/%llu frames%s", name.c_str(), static_cast<unsigned long long>(done),
                     static_cast<unsigned long long>(frames), done == frames ? "\n" : "");
    };
}

void print_series(std::string const& what, PlayedSeries const& played) {
    auto const frames = played.sent + played.dropped;
    std::printf("%s: %llu frames, %llu sent, %llu dropped, %.2f s, %.1f Hz\n", what.c_str(), static_cast<unsigned long long>(frames),
                static_cast<unsigned long long>(played.sent), static_cast<unsigned long long>(played.dropped), played.seconds,
                played.seconds > 0 ? static_cast<double>(frames) / played.seconds : 0.0);
    std::fflush(stdout);
}

DetectorSocket open_socket(std::string const& where, bool publish) {
    DetectorSocket socket(where, publish);
    std::printf("endpoint %s\n", socket.endpoint().c_str());
    std::fflush(stdout);
    return socket;
}

bool client_came(SimulateOptions const& options, DetectorSocket& socket) {
    if (options.wait_s <= 0) return true;
    if (socket.wait_for_client(std::chrono::milliseconds(std::llround(options.wait_s * 1e3)))) return true;
    std::fprintf(stderr, "sqd: no client within %g s (nobody connected to %s) start the daemon first\n", options.wait_s,
                 socket.endpoint().c_str());
    return false;
}

int replay_recording(SimulateOptions const& options) {
    SourceConfig source;
    if (!options.config_file.empty()) source = load_config(options.config_file).source;
    auto const series = recorded_series(options.recording_directory);
    auto socket = open_socket(endpoint(options, source), source.subscribe);
    if (!client_came(options, socket)) return exit_unavailable;
    print_series("recording " + options.recording_directory,
                 play(series, socket, options.rate_hz.value_or(0), progress_line("recording", series.frames)));
    return 0;
}

/// The map of sample series: as asked, else the configured one for series that fill it.
std::vector<PlannedScan> plan(SimulateOptions const& options, Config const& config) {
    auto const requests = parse_scan_requests(options.scans);
    auto const grid = options.grid.empty() ? config.scan.grid : std::optional(parse_grid(options.grid));
    auto scans = plan_scans(requests, grid, options.scan_name, options.first_series_id);
    for (auto const& scan : scans)
        if (!options.grid.empty() && scan.role == Role::sample && !scan.grid)
            throw DataError("a series of " + std::to_string(scan.frames) + " frames does not fill the grid " + options.grid +
                            " (one frame is one point) make them agree");
    return scans;
}

void scale(Image<double>& image, double factor) {
    for (auto& pixel : image.pixels) pixel *= factor;
}

Dressing dressing(SimulateOptions const& options, double exposure_s, double rate_hz) {
    Dressing d;
    d.exposure_s = exposure_s;
    d.period_s = std::max(exposure_s, rate_hz > 0 ? 1 / rate_hz : 0.0);
    d.seed = options.seed;
    d.header_detail = options.header_detail;
    d.cbf = options.cbf;
    d.with_end = options.with_end;
    return d;
}

} // namespace

int simulate(SimulateOptions const& options) {
    if (!options.recording_directory.empty()) return replay_recording(options);
    if (options.config_file.empty()) throw ConfigError("no configuration is named (it describes the station) give --config FILE");
    auto const config = load_config(options.config_file);
    bool const pilatus = config.source.kind == pilatus_kind;
    if (!pilatus && config.source.kind != stream1_kind)
        throw ConfigError(options.config_file + ": source.kind: '" + config.source.kind +
                          "' cannot be simulated (no encoder speaks it) use dectris_stream1 or pilatus_stream");
    auto const exposure_s = options.exposure_s.value_or(pilatus ? 1.0 : 0.02);
    auto const rate_hz = options.rate_hz.value_or(1 / exposure_s);
    auto const scans = plan(options, config);

    auto const station = make_station(config, {options.flux_per_s, options.air_path_mm, options.seed});
    GlassScattering const glass(station.sample, station.beam, largest_q_invA(station.geometry, sqd::wavelength_A(station.beam.energy_keV)));
    auto one_frame = expected_images(glass, station.beam.polarization_factor, station.geometry, station.dead,
                                     std::max(1U, std::thread::hardware_concurrency()));
    scale(one_frame.sample, options.flux_per_s * exposure_s);
    scale(one_frame.background, options.flux_per_s * exposure_s);
    Truth truth{station, glass, options.seed, exposure_s, {}};
    for (auto const& scan : scans) truth.scans.push_back({scan, std::nullopt});
    auto const write_truth = [&] {
        if (!options.truth_directory.empty()) write_truth_json(options.truth_directory, truth);
    };
    if (!options.truth_directory.empty()) {
        std::filesystem::create_directories(options.truth_directory);
        write_truth_curves(options.truth_directory, truth, one_frame);
    }
    write_truth();
    std::printf("%s\n", truth_line(truth).c_str());
    if (options.expected_only) return 0;

    auto const samplers =
        std::make_shared<Samplers const>(Samplers{PoissonSampler(one_frame.sample), PoissonSampler(one_frame.background)});
    auto socket = open_socket(endpoint(options, config.source), config.source.subscribe);
    if (!client_came(options, socket)) return exit_unavailable;
    for (auto& scan : truth.scans) {
        if (!options.announce.empty()) announce(options.announce, announcement_json(scan.plan));
        auto const series =
            (pilatus ? pilatus_series : stream1_series)(station, scan.plan, samplers, dressing(options, exposure_s, rate_hz));
        scan.played = play(series, socket, rate_hz, progress_line(scan.plan.name, scan.plan.frames));
        print_series("series " + std::to_string(scan.plan.series_id) + " " + name(scan.plan.role) + " " + scan.plan.name, *scan.played);
        write_truth();
    }
    return 0;
}

} // namespace sqd::simulated
