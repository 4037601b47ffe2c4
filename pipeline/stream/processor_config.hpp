// What is fixed for all series of a run of the program.
#pragma once

#include "pipeline/core/frame.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace sqd {

/// What is fixed for all series.
struct ProcessorConfig {
    Geometry geometry;
    Mask mask;               ///< detector gaps and mask files
    bool stream_mask = true; ///< OR the detector's own pixel mask
    IntegrationConfig integration;
    /// One sentence when what a detector says of itself (its shape, its name) is not the configured detector; set by who knows the
    /// detectors. Absent: only shapes are compared.
    std::function<std::optional<std::string>(SeriesStart const&)> detector_disagreement;
    std::optional<Sensor> sensor;
    ReductionConfig reduction;
    ScanDefaults scan;
    BackgroundUse background_use = BackgroundUse::latest;
    std::string background_scan;
    std::string config_id;              ///< names this configuration in what is made by it
    double partial_period_s = 0.5;      ///< 1 / results.rate_hz
    double overload_period_s = 2;       ///< the same while frames wait for their sums
    double display_tick_s = 0.1;        ///< a batch that does not fill within it is added as it is
    double end_silence_s = 10;          ///< a series silent for so long has ended
    double checkpoint_s = 0;            ///< between two states of a running series, the first after twice that; 0 = none
    double resume_timeout_s = 120;      ///< how long an interrupted series may take to go on
    double count_grace_s = 1;           ///< announced count reached, header silent about it: silence after which it has ended
    std::size_t max_points = 20000;     ///< whose counts are kept; a longer series has several frames in each
    std::size_t batch_bytes = 96 << 20; ///< messages and memory to unpack them: a batch that holds so much is added as it is
};

} // namespace sqd
