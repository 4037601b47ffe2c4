// What all fuzz targets share: bytes, broken promises, and the reading of a whole frame with everything a tile promises checked.
#pragma once

#include "detectors/codec/tile_fill.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd::fuzz {

using Bytes = std::span<std::byte const>;

/// A promise that the code under test broke; no target catches it.
class BrokenPromise : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

inline void require(bool holds, char const* promise) {
    if (!holds) throw BrokenPromise(promise);
}

/// Small, so that a run is short; what is allocated is bounded by them.
inline DecoderLimits limits() {
    DecoderLimits limits;
    limits.max_json_bytes = std::size_t{64} << 10;
    limits.max_image_bytes = limits.max_pixels = std::size_t{256} << 10;
    return limits;
}

/// The first byte of an input, which says how to read the rest; 0 of an empty one.
inline std::pair<unsigned, Bytes> take_byte(Bytes input) {
    if (input.empty()) return {0, input};
    return {std::to_integer<unsigned>(input[0]), input.subspan(1)};
}

inline std::string text_of(Bytes input) {
    return {reinterpret_cast<char const*>(input.data()), input.size()};
}

/// All pixels of a frame, the invalid ones as nullopt would be: 0 and flagged.
struct Pixels {
    std::vector<std::uint32_t> values;
    std::vector<std::uint8_t> invalid;
    bool operator==(Pixels const&) const = default;
};

/// Appends a tile of `count` pixels. Invalid pixels are 0, the lane is the narrowest, nothing stands behind the last pixel.
/// Plain loops over pointers: this is where a run spends its time.
template <class Lane>
void append_tile(Tile const& tile, std::size_t count, Pixels& out) {
    Lane values[tile_pixels];
    std::uint8_t invalid[tile_pixels];
    std::memcpy(values, tile.pixels.data(), sizeof values);
    std::uint64_t const* const words = tile.invalid.data();
    for (std::size_t i = 0; i < tile_pixels; ++i) invalid[i] = words[i / 64] >> i % 64 & 1;
    Lane largest = 0, behind = 0;
    bool invalid_and_not_0 = false;
    for (std::size_t i = 0; i < tile_pixels; ++i) {
        largest = values[i] > largest ? values[i] : largest;
        invalid_and_not_0 |= invalid[i] && values[i] != 0;
    }
    for (std::size_t i = count; i < tile_pixels; ++i) behind = static_cast<Lane>(behind | values[i] | invalid[i]);
    require(!invalid_and_not_0, "an invalid pixel reads 0");
    require(behind == 0, "behind the last pixel of a frame everything is 0 and valid");
    require(sizeof(Lane) == 1 || largest >> 4 * sizeof(Lane) != 0, "the lane of a tile is the narrowest that holds its pixels");
    out.values.insert(out.values.end(), values, values + count);
    out.invalid.insert(out.invalid.end(), invalid, invalid + count);
}

/// Reads one tile into memory that holds something else.
inline void append_tile(TileReader const& tiles, std::size_t number, std::size_t pixels, Pixels& out) {
    Tile tile;
    std::memset(tile.pixels.data(), 0xA5, sizeof tile.pixels);
    tile.invalid.fill(0x5A5A5A5A5A5A5A5A);
    tiles.read(number, tile);
    auto const count = pixels_in_tile(number, pixels);
    switch (tile.lane) {
    case Lane::u8: return append_tile<std::uint8_t>(tile, count, out);
    case Lane::u16: return append_tile<std::uint16_t>(tile, count, out);
    case Lane::u32: return append_tile<std::uint32_t>(tile, count, out);
    }
    require(false, "a tile has one of the three lanes");
}

/// Prepares a frame and reads all its tiles; nullopt where it throws DecodeError. A tile reads the same as often as it is read.
inline std::optional<Pixels> read_frame(TileReader& tiles, std::size_t pixels) {
    try {
        PixelScratch scratch;
        tiles.prepare(scratch);
        Pixels out, again;
        for (std::size_t tile = 0; tile < tile_count(pixels); ++tile) append_tile(tiles, tile, pixels, out);
        append_tile(tiles, 0, pixels, again);
        again.values.resize(out.values.size());
        require(std::memcmp(again.values.data(), out.values.data(), 4 * pixels_in_tile(0, pixels)) == 0, "a tile reads the same again");
        return out;
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

/// What reading must give for these pixels, straight from the meaning of PixelFormat.
inline Pixels judged(std::vector<std::uint32_t> values, std::uint32_t largest_valid) {
    Pixels out;
    for (auto& value : values) {
        out.invalid.push_back(value > largest_valid);
        value = value > largest_valid ? 0 : value;
    }
    out.values = std::move(values);
    return out;
}

} // namespace sqd::fuzz
