#include "daemon/simulate/simulation.hpp"

#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/simulate/announcer.hpp"
#include "daemon/simulate/emission.hpp"
#include "daemon/simulate/truth_files.hpp"
#include "detectors/simulated/faults.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace sqd::simulated {

namespace {

constexpr int exit_unavailable = 69;

std::vector<Fault> parse_faults(std::vector<std::string> const& texts, std::uint64_t series) {
    std::vector<Fault> faults;
    for (auto const& text : texts) {
        faults.push_back(parse_fault(text));
        if (faults.back().series > series)
            throw DataError("fault '" + text + "' has no series (there are " + std::to_string(series) + ") count them from 1");
    }
    return faults;
}

int replay_recording(SimulateOptions const& options) {
    SourceConfig source;
    if (!options.config_file.empty()) source = load_config(options.config_file, read_mask_image, read_number_image).source;
    auto const faults = parse_faults(options.faults, 1);
    auto const series = recorded_series(options.recording_directory);
    Emission emission(options, source);
    if (!emission.client_came()) return exit_unavailable;
    print_series("recording " + options.recording_directory, emission.send(series, {faults, options.rate_hz.value_or(0), "recording"}),
                 faults);
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

Dialect asked_dialect(SimulateOptions const& options) {
    Dialect dialect;
    dialect.header_detail = options.header_detail;
    dialect.cbf = options.cbf;
    dialect.channels = options.channels;
    return spoken(dialect, options.encoding);
}

} // namespace

int simulate(SimulateOptions const& options) {
    if (!options.recording_directory.empty()) return replay_recording(options);
    if (options.config_file.empty()) throw ConfigError("no configuration is named (it describes the station) give --config FILE");
    auto const config = load_config(options.config_file, read_mask_image, read_number_image);
    auto const& protocol = find_protocol(config.source.kind);
    auto const exposure_s = options.exposure_s.value_or(protocol.exposure_s);
    auto const rate_hz = options.rate_hz.value_or(1 / exposure_s);
    auto const scans = plan(options, config);
    auto const faults = parse_faults(options.faults, scans.size());
    auto const dialect = asked_dialect(options);

    auto const station = make_station(config, {options.flux_per_s, options.air_path_mm, options.seed});
    GlassScattering const glass(station.sample, station.beam, largest_q_invA(station.geometry, sqd::wavelength_A(station.beam.energy_keV)));
    auto one_frame = expected_images(glass, station.beam.polarization_factor, station.geometry, station.dead,
                                     std::max(1U, std::thread::hardware_concurrency()));
    scale(one_frame.sample, options.flux_per_s * exposure_s);
    scale(one_frame.background, options.flux_per_s * exposure_s);
    std::vector<std::string> dialects;
    for (std::size_t i = 0; i < scans.size(); ++i) dialects.push_back(text_of(dialect_with(faults_of(faults, i + 1), dialect)));
    auto const drawn = drawn_frames(scans, dialects, options.prepared);
    Truth truth{station, glass, options.seed, exposure_s, {}};
    for (std::size_t i = 0; i < scans.size(); ++i)
        truth.scans.push_back({scans[i], std::nullopt, {}, {}, options.prepared > 0 ? std::optional(drawn[i]) : std::nullopt});
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

    auto const keys = options.announce.empty() ? std::nullopt : read_client_keys(options.keys);
    auto const samplers =
        std::make_shared<Samplers const>(Samplers{PoissonSampler(one_frame.sample), PoissonSampler(one_frame.background)});
    Emission emission(options, config.source);
    auto const packed = std::make_shared<PackedFrames>();
    auto const make = [&](std::size_t i) {
        auto const period_s = std::max(exposure_s, rate_hz > 0 ? 1 / rate_hz : 0.0);
        return protocol.series(
            station, scans[i], samplers,
            {exposure_s, period_s, options.seed, dialect_with(faults_of(faults, i + 1), dialect), options.with_end, drawn[i], packed});
    };
    // All that is drawn ahead, before the first series begins: they follow each other at once.
    for (std::size_t i = 0; i < scans.size(); ++i)
        if (!own_frames(scans[i], drawn[i]).empty()) make(i);
    if (!emission.client_came()) return exit_unavailable;
    for (std::size_t i = 0; i < truth.scans.size(); ++i) {
        auto& scan = truth.scans[i];
        auto const its_faults = faults_of(faults, i + 1);
        for (auto const& fault : its_faults) scan.faults.push_back(fault.value.empty() ? fault.name : fault.name + '=' + fault.value);
        scan.dialect = dialects[i];
        auto const series = make(i);
        if (!options.announce.empty()) announce(options.announce, keys, announcement_json(scan.plan));
        scan.played = emission.send(series, {its_faults, rate_hz, scan.plan.name});
        print_series("series " + std::to_string(scan.plan.series_id) + " " + name(scan.plan.role) + " " + scan.plan.name, *scan.played,
                     its_faults);
        if (its_faults.empty()) scan.played->delivered = {}; // message by message, for all series of a night
        write_truth();
    }
    return 0;
}

} // namespace sqd::simulated
