// What is put right in pixels, as results and `check` name it.
#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace sqd {

/// Of the norm, in order: solid angle, polarisation, sensor, air, absorber, flat field. `flat_sha256` may be empty.
std::vector<std::string> norm_corrections(Config const& config, FlatField const* flat, std::string const& flat_sha256);

/// Hex SHA-256 of the response, row by row in double precision.
std::string flat_sha256(FlatField const& flat);

} // namespace sqd
