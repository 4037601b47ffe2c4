// Puts the tiles of a frame together again, so that tests can compare whole images.
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace sqd::test {

struct WholeImage {
    std::vector<std::uint32_t> pixels; ///< invalid ones are 0
    std::vector<bool> invalid;
    std::vector<Lane> lanes; ///< per tile
    bool clean_tail = true;  ///< behind the last pixel everything is 0 and valid
    bool operator==(WholeImage const&) const = default;
};

inline std::uint32_t tile_pixel(Tile const& tile, std::size_t i) {
    auto const get = [&]<class T>(T value) {
        std::memcpy(&value, tile.pixels.data() + i * sizeof(T), sizeof(T));
        return std::uint32_t{value};
    };
    switch (tile.lane) {
    case Lane::u8: return get(std::uint8_t{});
    case Lane::u16: return get(std::uint16_t{});
    default: return get(std::uint32_t{});
    }
}

/// Prepares and reads every tile of a frame of `pixels` pixels.
inline WholeImage whole_image(TileReader& tiles, std::size_t pixels) {
    WholeImage image;
    PixelScratch scratch;
    tiles.prepare(scratch);
    Tile tile;
    for (std::size_t t = 0; t < tile_count(pixels); ++t) {
        std::memset(tile.pixels.data(), 0xA5, sizeof tile.pixels); // what a reader leaves untouched shows
        tile.invalid.fill(0x5A5A5A5A5A5A5A5A);
        tiles.read(t, tile);
        image.lanes.push_back(tile.lane);
        for (std::size_t i = 0; i < tile_pixels; ++i) {
            bool const invalid = tile.invalid[i / 64] >> i % 64 & 1;
            if (t * tile_pixels + i < pixels) {
                image.pixels.push_back(tile_pixel(tile, i));
                image.invalid.push_back(invalid);
            } else if (invalid || tile_pixel(tile, i) != 0) {
                image.clean_tail = false;
            }
        }
    }
    return image;
}

/// What whole_image must give for these pixels, straight from the meaning of PixelFormat and Tile.
inline WholeImage expected_image(std::vector<std::uint32_t> const& pixels, PixelFormat const& format) {
    WholeImage image;
    for (std::size_t begin = 0; begin < pixels.size(); begin += tile_pixels) {
        std::uint32_t largest = 0;
        for (std::size_t i = begin; i < pixels.size() && i < begin + tile_pixels; ++i) {
            bool const invalid = pixels[i] > format.largest_valid;
            image.invalid.push_back(invalid);
            image.pixels.push_back(invalid ? 0 : pixels[i]);
            largest = std::max(largest, image.pixels.back());
        }
        image.lanes.push_back(largest <= 0xFF ? Lane::u8 : largest <= 0xFFFF ? Lane::u16 : Lane::u32);
    }
    return image;
}

} // namespace sqd::test
