// The station that the configuration describes, with the virtual glass in its beam.
#pragma once

#include "config/config.hpp"
#include "daemon/simulate/glass_beam.hpp"
#include "daemon/simulate/virtual_glass.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sqd::simulated {

/// What the configuration does not say.
struct StationOptions {
    double flux_per_s = 0; ///< incident photons per second
    double air_path_mm = 0;
    std::uint64_t seed = 0; ///< chooses the hot pixels
};

/// Fixed for all series.
struct Station {
    Geometry geometry;
    GlassSample sample;
    GlassBeam beam;
    double flux_per_s = 0;
    std::string description;               ///< of the detector
    std::vector<std::uint32_t> pixel_mask; ///< DECTRIS bits: 0 gap, 3 over-responding, 4 noisy
    Mask dead;                             ///< gaps and hot pixels
    double beam_row = 0, beam_col = 0;     ///< where the direct beam would hit [pixels]
};

/// Gaps of the detector's model (or the configured mask for an unknown detector) and five hot pixels; a threshold of half the beam
/// energy where none is configured; Vit4 (Zr46.8Ti8.2Cu7.5Ni10Be27.5, 6.0 g/cm^3, 30 um) where no sample is.
Station make_station(Config const& config, StationOptions const& options);

} // namespace sqd::simulated
