// Plain pixels into tiles.
#include "detectors/codec/tile_fill.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace sqd {

namespace {

template <class T>
using TilePixels = std::array<T, tile_pixels>;

template <class T>
T largest_of(TilePixels<T> const& pixels) {
    T largest = 0;
    for (T const pixel : pixels) largest = std::max(largest, pixel);
    return largest;
}

/// Sets the bits of pixels above the limit and zeroes those pixels.
template <class T>
void take_out_invalid(TilePixels<T>& pixels, T largest_valid, Tile& out) {
    TilePixels<std::uint8_t> flags; // 0 or 1 each; loops of one kind of work are ones the compiler vectorises
    for (std::size_t i = 0; i < tile_pixels; ++i) flags[i] = pixels[i] > largest_valid;
    for (std::size_t i = 0; i < tile_pixels; ++i) pixels[i] = flags[i] ? T{0} : pixels[i];
    for (std::size_t word = 0; word < tile_words; ++word) {
        std::uint64_t bits = 0;
        for (std::size_t byte = 0; byte < 8; ++byte) {
            std::uint64_t eight;
            std::memcpy(&eight, flags.data() + 64 * word + 8 * byte, sizeof eight);
            bits |= (eight * 0x0102040810204080 >> 56) << 8 * byte; // eight flags into the eight bits of the highest byte
        }
        out.invalid[word] = bits;
    }
}

template <class Narrow, class T>
void store(TilePixels<T> const& pixels, Lane lane, Tile& out) {
    TilePixels<Narrow> narrow;
    for (std::size_t i = 0; i < tile_pixels; ++i) narrow[i] = static_cast<Narrow>(pixels[i]);
    std::memcpy(out.pixels.data(), narrow.data(), sizeof narrow);
    out.lane = lane;
}

template <class T>
void fill(std::byte const* bytes, std::size_t count, T largest_valid, Tile& out) {
    TilePixels<T> pixels;
    std::memcpy(pixels.data(), bytes, count * sizeof(T));
    std::fill(pixels.begin() + static_cast<std::ptrdiff_t>(count), pixels.end(), T{0});
    out.invalid.fill(0);
    T largest = largest_of(pixels);
    if (largest > largest_valid) {
        take_out_invalid(pixels, largest_valid, out);
        largest = largest_of(pixels);
    }
    if (largest <= 0xFF)
        store<std::uint8_t>(pixels, Lane::u8, out);
    else if (largest <= 0xFFFF)
        store<std::uint16_t>(pixels, Lane::u16, out);
    else
        store<std::uint32_t>(pixels, Lane::u32, out);
}

} // namespace

void fill_tile(std::byte const* pixels, std::size_t count, PixelFormat const& format, Tile& out) {
    assert(count <= tile_pixels);
    switch (format.bytes) {
    case 1: return fill(pixels, count, static_cast<std::uint8_t>(format.largest_valid), out);
    case 2: return fill(pixels, count, static_cast<std::uint16_t>(format.largest_valid), out);
    default: return fill(pixels, count, format.largest_valid, out);
    }
}

} // namespace sqd
