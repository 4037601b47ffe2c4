// Where the detector stands, in words and as JSON.
#pragma once

#include "config/config.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace sqd {

/// The geometry's file, or "geometry.fit2d".
std::string source_of_geometry(Config const& config);

/// "3 (not stated): seen from the sample the first pixel is at the bottom left, rows go up, columns to the right"
std::string orientation_in_words(Config const& config);

/// Where the beam meets the detector, in rows and columns of the image (whatever the orientation), after which distance, and the tilt.
std::string beam_in_words(Geometry const& g);

/// PONI parameters, pixel sizes and wavelength under the names of Geometry, `source`, and `beam` where it meets the detector's plane:
/// distance_mm, column, row, and FIT2D's tilt_deg, tilt_plan_rotation_deg as orientation 3 has them.
nlohmann::json geometry_json(Config const& config);

} // namespace sqd
