// The hot path of decoding: which planes are needed, then eight planes at a time into bytes.
#include "detectors/codec/plane_tile.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/tile_fill.hpp"

#include <array>
#include <cstring>

namespace sqd {

namespace {

using Words = std::array<std::uint64_t, tile_words>; ///< one plane of a tile

Words load_plane(PlaneView planes, std::size_t plane) {
    Words words;
    std::memcpy(words.data(), planes.first + plane * planes.stride, sizeof words);
    return words;
}

bool any(Words const& words) {
    std::uint64_t all = 0;
    for (auto const word : words) all |= word;
    return all != 0;
}

/// True where a pixel outside `top` has a bit in planes [first, last).
bool needs_planes(PlaneView planes, Words const& top, std::size_t first, std::size_t last) {
    Words found{};
    for (std::size_t plane = first; plane < last; ++plane) {
        Words const words = load_plane(planes, plane);
        for (std::size_t i = 0; i < tile_words; ++i) found[i] |= words[i] & ~top[i];
    }
    return any(found);
}

/// True when every pixel that has the top bit is one of the two sentinels, max and max - 1: all bits set but perhaps bit 0.
bool only_sentinels(PlaneView planes, Words const& top, std::size_t top_plane) {
    Words lacking{};
    for (std::size_t plane = 1; plane < top_plane; ++plane) {
        Words const words = load_plane(planes, plane);
        for (std::size_t i = 0; i < tile_words; ++i) lacking[i] |= top[i] & ~words[i];
    }
    return !any(lacking);
}

/// Bytes one tile pixel needs when the pixels with the top bit are left out: 1, 2, or all of them.
unsigned bytes_needed(PlaneView planes, Words const& top, PixelFormat const& format) {
    std::size_t const top_plane = 8 * format.bytes - 1;
    if (format.bytes == 4 && needs_planes(planes, top, 16, top_plane)) return 4;
    if (format.bytes >= 2 && needs_planes(planes, top, 8, format.bytes == 4 ? 16 : top_plane)) return 2;
    return 1;
}

/// The low `sizeof(T)` bytes of all pixels; those whose bit is not in `keep` become 0.
template <class T>
void unshuffle_tile(PlaneView planes, Words const& keep, std::byte* out) {
    std::array<T, tile_pixels> pixels{};
    std::array<std::uint8_t, tile_pixels> bytes;
    for (std::size_t j = 0; j < sizeof(T); ++j) {
        unshuffle_tile_byte({planes.first + 8 * j * planes.stride, planes.stride}, keep, bytes.data());
        for (std::size_t i = 0; i < tile_pixels; ++i) pixels[i] = static_cast<T>(pixels[i] | T{bytes[i]} << 8 * j);
    }
    std::memcpy(out, pixels.data(), sizeof pixels);
}

/// All bytes of the pixels, then the rule for each: for tiles with large counts or unusual invalid values.
void fill_from_all_planes(PlaneView planes, PixelFormat const& format, Tile& out) {
    Words everything;
    everything.fill(~std::uint64_t{0});
    std::array<std::byte, sizeof out.pixels> pixels;
    switch (format.bytes) {
    case 1: unshuffle_tile_byte(planes, everything, reinterpret_cast<std::uint8_t*>(pixels.data())); break;
    case 2: unshuffle_tile<std::uint16_t>(planes, everything, pixels.data()); break;
    default: unshuffle_tile<std::uint32_t>(planes, everything, pixels.data());
    }
    fill_tile(pixels.data(), tile_pixels, format, out);
}

/// Pixels with the top bit are invalid, all others fit into `bytes` (1 or 2) and are valid.
void fill_from_low_planes(PlaneView planes, Words const& top, unsigned bytes, Tile& out) {
    out.invalid = top;
    Words keep;
    for (std::size_t i = 0; i < tile_words; ++i) keep[i] = ~top[i];
    out.lane = bytes == 1 ? Lane::u8 : Lane::u16;
    if (bytes == 1)
        unshuffle_tile_byte(planes, keep, reinterpret_cast<std::uint8_t*>(out.pixels.data()));
    else
        unshuffle_tile<std::uint16_t>(planes, keep, out.pixels.data());
}

} // namespace

void fill_tile_from_planes(PlaneView planes, PixelFormat const& format, Tile& out) {
    std::size_t const top_plane = 8 * format.bytes - 1;
    Words const top = load_plane(planes, top_plane);
    std::uint64_t const all_ones = (std::uint64_t{1} << 8 * format.bytes) - 1;
    bool const top_is_invalid =
        format.largest_valid >> top_plane == 0 || !any(top) || (format.largest_valid < all_ones && only_sentinels(planes, top, top_plane));
    unsigned const bytes = format.bytes == 1 ? 1 : bytes_needed(planes, top, format);
    bool const low_is_valid = bytes < format.bytes && format.largest_valid >> 8 * bytes != 0;
    if (top_is_invalid && low_is_valid)
        fill_from_low_planes(planes, top, bytes, out);
    else
        fill_from_all_planes(planes, format, out);
}

} // namespace sqd
