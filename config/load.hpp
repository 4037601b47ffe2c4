// YAML -> Config, strictly. The only room that knows yaml-cpp.
#pragma once

#include "config/config.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sqd {

/// Reads the image of a mask file, non-zero = masked; throws DataError `problem (why) suggestion`. The program gives its image readers.
using MaskReader = std::function<Mask(std::string const& path)>;

/// The same of an image of numbers.
using ImageReader = std::function<Image<double>(std::string const& path)>;

/// Reads and checks a configuration file and everything it names (geometry, masks, flat field).
/// Throws ConfigError `file:line: key: problem (why) suggestion` for an unknown, duplicate or missing key, a wrong type, unit or
/// value, a missing file, a geometry that contradicts the detector or the beam, a q range outside the detector.
Config load_config(std::string const& path, MaskReader const& read_mask, ImageReader const& read_image);

/// The same from text; `path` is used in messages and as the place that relative file names start from.
Config parse_config(std::string const& yaml, std::string const& path, MaskReader const& read_mask, ImageReader const& read_image);

/// One line of the key table in config/README.md (a test compares both).
struct KeyDoc {
    std::string key, type, default_value, meaning;
};
std::vector<KeyDoc> config_keys();

} // namespace sqd
