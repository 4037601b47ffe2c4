// pyFAI's geometry files.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// What a .poni file says; SI units as in the file. Files are appended to: the last value of a key wins.
struct PoniFile {
    std::string version = "1";
    std::optional<std::string> detector; ///< pyFAI's name; "Detector" is its nameless one
    std::optional<double> pixel1_m, pixel2_m;
    std::optional<std::pair<std::size_t, std::size_t>> max_shape; ///< rows, cols
    double distance_m = 0, poni1_m = 0, poni2_m = 0;
    double rot1_rad = 0, rot2_rad = 0, rot3_rad = 0;
    std::optional<double> wavelength_m;
    int orientation = 3; ///< pyFAI's default where the file states none
    bool states_orientation = false;
    std::optional<std::string> sensor_material;
    std::optional<double> sensor_thickness_um;
    bool parallax = false;                   ///< the calibration was made with it
    std::vector<std::string> unused;         ///< of a JSON file: settings of an integration, which are not applied
    std::map<std::string, std::size_t> line; ///< lower-case key -> line that won
};

/// Reads versions 1, 2 and 2.1. `file` is for messages. Throws ConfigError `file:line: key: ...` for a newer version, a missing or
/// malformed value, and for what this program cannot apply (spline and distortion files).
PoniFile parse_poni(std::string const& text, std::string const& file);

/// The same from what pyFAI-integrate saves, versions 1 to 5: dist, poni1, ... among the settings or, since version 4, under "poni".
/// Settings that change the result (mask_file, nbpt_rad, unit, ...) are listed in `unused`.
PoniFile parse_integration_json(std::string const& text, std::string const& file);

/// One of the two: a name that ends in .json is pyFAI-integrate's.
PoniFile parse_geometry_file(std::string const& text, std::string const& file);

class PoniValues;
/// The meaning of the keys; what both formats have in common.
PoniFile poni_of(PoniValues const& values);

} // namespace sqd
