// From the bit planes of a whole tile to the tile, touching only the planes that hold something.
#pragma once

#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/pixel_format.hpp"
#include "pipeline/core/pixel_tile.hpp"

namespace sqd {

/// Fills `out` from the planes of tile_pixels pixels. Where no valid pixel needs the high bytes (nearly always: counts are small and
/// gaps are all-ones) those are only looked at, not transposed.
void fill_tile_from_planes(PlaneView planes, PixelFormat const& format, Tile& out);

} // namespace sqd
