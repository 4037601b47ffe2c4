// The whole configuration, as the subsystems' own structs; nothing else. config/README.md lists every key.
#pragma once

#include "detectors/models.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// source.tap: where received messages are passed on.
struct TapConfig {
    std::string connect, bind; ///< exactly one is set
    bool publish = false;      ///< socket: push | pub
    int queue_messages = 256;  ///< that wait for a slow receiver
};

/// source: where frames come from.
struct SourceConfig {
    std::string kind;                                     ///< a name of decoder_table()
    std::string connect, bind;                            ///< exactly one is set
    bool subscribe = false;                               ///< socket: pull | sub
    std::string channel;                                  ///< of a detector with several thresholds; empty: it has one
    std::string directory;                                ///< of cbf_folder, in place of connect and bind
    bool delete_after_use = false;                        ///< cbf_folder: files that were read whole
    double torn_retry_s = 5;                              ///< cbf_folder: how long a file may stay incomplete
    std::size_t queue_bytes = std::size_t{2048} << 20;    ///< queue_MB
    std::size_t max_image_bytes = std::size_t{256} << 20; ///< max_image_MB
    double end_silence_s = 10;                            ///< a series that is silent for so long has ended
    std::optional<TapConfig> tap;
};

/// detector:
struct DetectorConfig {
    std::string name; ///< pyFAI name; its model gives rows, cols, gaps
    std::optional<Sensor> sensor;
    std::optional<double> threshold_keV;
};

/// What survives a crash, and how long it is kept.
struct JournalConfig {
    std::string directory;                    ///< absolute or relative to the working folder
    double checkpoint_s = 10;                 ///< between two of a running scan; 0 = none
    double resume_timeout_s = 120;            ///< so long after a restart a scan may go on
    double keep_days = 7;                     ///< what the archive has, too
    std::uint64_t keep_bytes = 4'000'000'000; ///< of it, the oldest goes first
};

/// Who may speak to results and control; without a key everybody who reaches them.
struct SecurityConfig {
    std::string server_key; ///< file with the secret CURVE key of this service; empty = no encryption
    std::string clients;    ///< file with the public keys that are let in, and whether each may control
};

/// The page, metrics and health.
struct WebConfig {
    std::string listen;     ///< address:port, port 0 = any free one; empty = none
    std::string token_file; ///< secret that allows changes; empty = the page only shows
};

/// Where the daemon listens and writes.
struct ServiceConfig {
    std::string results_bind = "tcp://127.0.0.1:5560";
    double rate_hz = 2;
    std::string control_bind = "tcp://127.0.0.1:5561";
    std::string archive_directory = "archive";
    std::string detector_files;                   ///< where the detector's own lie, from there; {series}, {name}; empty = not known
    std::uint64_t min_free_bytes = 2'000'000'000; ///< less on the disk of archive or journal is an alarm
    JournalConfig journal = {};
    SecurityConfig security = {};
    WebConfig web = {};
};

/// A file of mask.files.
struct MaskFile {
    std::string path;       ///< with "::/dataset" where one is named
    std::size_t masked = 0; ///< pixels that it masks
};

struct Config {
    std::string file; ///< as given
    std::string instance;
    SourceConfig source;
    DetectorConfig detector;
    Geometry geometry;                        ///< shape and pixel size from the detector, wavelength from beam.energy_keV
    std::string poni_file;                    ///< .poni or pyFAI-integrate's .json; empty: geometry.fit2d
    bool orientation_stated = false;          ///< by that file; else it is pyFAI's default
    std::vector<std::string> unused_settings; ///< of a .json: what pyFAI would integrate by
    double energy_keV = 0;
    Mask mask;               ///< detector gaps OR mask files
    bool stream_mask = true; ///< OR the detector's own pixel mask
    std::vector<MaskFile> mask_files;
    std::size_t masked_by_gaps = 0, masked_by_files = 0; ///< pixels; one may be masked by both
    IntegrationConfig integration;                       ///< polarization_factor filled from beam
    ScanDefaults scan;
    BackgroundUse background_use = BackgroundUse::latest;
    std::string background_scan; ///< for scan_id
    ReductionConfig reduction;   ///< energy, distance, sensor, threshold, sample filled
    ServiceConfig service;
    std::string effective_yaml; ///< every key with its effective value, in order: echoed, archived and hashed
};

} // namespace sqd
