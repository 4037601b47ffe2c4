// A tile: 2048 neighbouring pixels of one frame, the unit in which frames are decoded and summed.
#pragma once

#include "pipeline/core/pixel_scratch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sqd {

inline constexpr std::size_t tile_pixels = 2048; ///< pixels per tile: 8 KiB of 32-bit pixels, DECTRIS' compression block
inline constexpr std::size_t batch_frames = 16;  ///< frames of one series that are summed together
inline constexpr std::size_t tile_words = tile_pixels / 64;

/// Tiles of an image; the last one may be only partly filled, its tail reads as 0 and valid.
constexpr std::size_t tile_count(std::size_t pixels) {
    return (pixels + tile_pixels - 1) / tile_pixels;
}

/// Narrowest unsigned integer that holds all valid pixels of a tile.
enum class Lane : std::uint8_t { u8, u16, u32 };

/// Pixels in native byte order, one after another in the lane's width from the start of `pixels`.
/// Invalid pixels (sentinel, saturated) are 0 there, and their bit in `invalid` (bit i%64 of word i/64) is set.
struct Tile {
    Lane lane = Lane::u8;
    std::array<std::uint64_t, tile_words> invalid{};
    alignas(64) std::array<std::byte, tile_pixels * 4> pixels{};
};

/// What one who reads a frame tile after tile remembers between them: the unpacked block that held the last one. Of one frame and thread.
struct BlockMemory {
    static constexpr std::size_t none = ~std::size_t{0};
    static constexpr std::size_t slack = 64; ///< behind the largest block, so that whole words may be written
    std::size_t block = none;                ///< whose bytes these are
    alignas(64) std::array<std::byte, tile_pixels * 4 + slack> bytes;
};

/// One frame, read tile by tile. Implemented by detectors/codec, used by pipeline/reduce.
class TileReader {
public:
    virtual ~TileReader() = default;
    /// Memory that prepare() takes besides the message.
    virtual std::size_t working_bytes() const { return 0; }
    /// Does once what is not done per tile: indexes the blocks, or decodes a frame whose format has no tiles, into `scratch`, which no
    /// other frame may use as long as this one is read. Called by one thread before any read(); throws DecodeError.
    virtual void prepare(PixelScratch& scratch) = 0;
    /// Decodes tile number `tile` into `out`. Safe to call from several threads at once; throws DecodeError.
    virtual void read(std::size_t tile, Tile& out) const = 0;
    /// The same, for less work where one block of the format holds several tiles that are read one after another.
    virtual void read_along(std::size_t tile, Tile& out, BlockMemory&) const { read(tile, out); }
};

} // namespace sqd
