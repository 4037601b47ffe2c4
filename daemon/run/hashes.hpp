// SHA-256 of what a result depends on.
#pragma once

#include "pipeline/reduce/bin_map.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace sqd {

/// Lower-case hex.
std::string sha256_hex(std::span<std::byte const> bytes);
std::string sha256_hex(std::string const& text);
/// Of the PONI geometry, every number to 17 digits.
std::string geometry_sha256(Geometry const& geometry);
/// Of the mask's bits, row-major.
std::string mask_sha256(BinMap const& bins);

} // namespace sqd
