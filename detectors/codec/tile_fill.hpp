// From plain pixels to a tile: sort out the invalid ones, choose the lane.
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>

namespace sqd {

/// Fills `out` with `count` <= tile_pixels pixels of `format.bytes` bytes each, little-endian at any alignment; the rest reads 0.
void fill_tile(std::byte const* pixels, std::size_t count, PixelFormat const& format, Tile& out);

/// Pixels in tile number `tile` of a frame.
constexpr std::size_t pixels_in_tile(std::size_t tile, std::size_t pixels) {
    return pixels - tile * tile_pixels < tile_pixels ? pixels - tile * tile_pixels : tile_pixels;
}

} // namespace sqd
