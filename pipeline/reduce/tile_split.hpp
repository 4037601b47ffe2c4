// Pixels of wide lanes as bytes, and what does not fit into bytes.
#pragma once

#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sqd {

/// What a pixel of one frame counts beyond its lowest byte.
struct Excess {
    std::uint16_t pixel; ///< in its tile
    std::uint16_t frame; ///< in its batch
    std::uint32_t counts;
};

/// The lowest bytes of a tile (lane u16 or u32) into `low`, the rest of every pixel above 255 onto the end of `excess`. False, with
/// `excess` as it was, when those pixels are more than `most`.
bool split_tile(Tile const& tile, std::size_t frame, std::size_t most, std::array<std::uint8_t, tile_pixels>& low,
                std::vector<Excess>& excess);

} // namespace sqd
