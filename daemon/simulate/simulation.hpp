// A whole simulation: model, truth, series after series.
#pragma once

#include "daemon/security/client_keys.hpp"
#include "detectors/simulated/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd::simulated {

/// Incident photons per second: 1.4 counts per pixel and frame of 0.02 s with the shipped id13 station.
inline constexpr double default_flux_per_s = 1.27e11;
/// Of air that scatters into the detector: a sixth of the glass at the first sharp peak, beside the sample at 13 keV.
inline constexpr double default_air_path_mm = 120;

struct SimulateOptions {
    std::string config_file;
    std::string bind, connect; ///< both empty = the port of source.connect (bound) or source.bind (connected to), on loopback
    std::string scans = "background:400,sample:1800";
    std::string grid;                 ///< empty = the configuration's, where the frames fit it exactly
    std::optional<double> exposure_s; ///< absent = as usual with the protocol: 0.02 s, Pilatus 1 s
    std::optional<double> rate_hz;    ///< absent = one frame per exposure; 0 = as fast as the client takes them
    std::uint64_t seed = 1;
    double flux_per_s = default_flux_per_s;
    double air_path_mm = default_air_path_mm;
    std::string truth_directory; ///< empty = no truth is written
    double wait_s = 0;
    std::uint64_t first_series_id = 1;
    std::string announce; ///< control endpoint of a daemon
    KeyArguments keys;    ///< for that
    std::optional<bool> cbf;
    std::string encoding; ///< words of a dialect
    unsigned channels = 1;
    std::vector<std::string> faults; ///< parse_fault()
    std::uint64_t prepared = 0;      ///< frames of each kind drawn before anything is sent, and repeated; 0: none
    bool in_place = false;           ///< cbf_folder: files are written slowly under their own names
    std::string recording_directory;
    HeaderDetail header_detail = HeaderDetail::all;
    std::string scan_name = "virtual_glass";
    bool expected_only = false, with_end = true;
};

/// Returns the exit code. Prints the endpoint, then one line per series, on standard output.
int simulate(SimulateOptions const& options);

} // namespace sqd::simulated
