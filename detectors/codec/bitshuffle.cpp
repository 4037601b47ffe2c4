// Portable bit transposes on 64-bit words; faster tiers would go behind unshuffle_tile_byte.
#include "detectors/codec/bitshuffle.hpp"

#include "detectors/codec/byte_order.hpp"

#include <array>
#include <cstring>

namespace sqd {

namespace {

using Rows = std::array<std::uint64_t, 8>;

/// Exchanges the blocks of `shift` columns that lie crosswise in rows a and a + distance, for all such pairs of rows.
template <std::size_t Distance>
inline void exchange(Rows& rows, int shift, std::uint64_t mask) {
    for (std::size_t row = 0; row < 8; ++row) {
        if (row & Distance) continue;
        std::uint64_t const t = (rows[row] >> shift ^ rows[row + Distance]) & mask;
        rows[row + Distance] ^= t;
        rows[row] ^= t << shift;
    }
}

/// Eight planes of 64 pixels become those 64 pixels as bytes. First the 8 x 8 bits within every byte column are transposed (row m
/// then holds pixels 8 g + m), then the 8 x 8 bytes.
inline void planes_to_bytes(Rows& rows) {
    exchange<4>(rows, 4, 0x0F0F0F0F0F0F0F0F);
    exchange<2>(rows, 2, 0x3333333333333333);
    exchange<1>(rows, 1, 0x5555555555555555);
    exchange<4>(rows, 32, 0x00000000FFFFFFFF);
    exchange<2>(rows, 16, 0x0000FFFF0000FFFF);
    exchange<1>(rows, 8, 0x00FF00FF00FF00FF);
}

} // namespace

void unshuffle(PlaneView planes, std::size_t pixels, unsigned bytes, std::byte* out) {
    for (std::size_t group = 0; group < pixels / 8; ++group) {
        for (std::size_t j = 0; j < bytes; ++j) {
            std::uint64_t x = 0;
            for (std::size_t k = 0; k < 8; ++k)
                x |= std::to_integer<std::uint64_t>(planes.first[(8 * j + k) * planes.stride + group]) << 8 * k;
            x = transpose_8x8(x);
            for (std::size_t i = 0; i < 8; ++i) out[(8 * group + i) * bytes + j] = static_cast<std::byte>(x >> 8 * i & 0xFF);
        }
    }
}

void unshuffle_tile_byte(PlaneView planes, std::span<std::uint64_t const, tile_words> keep, std::uint8_t* out) {
    for (std::size_t word = 0; word < tile_words; ++word) {
        Rows rows;
        for (std::size_t k = 0; k < 8; ++k) rows[k] = load_little<std::uint64_t>(planes.first + k * planes.stride + 8 * word) & keep[word];
        planes_to_bytes(rows);
        std::memcpy(out + 64 * word, rows.data(), sizeof rows);
    }
}

} // namespace sqd
