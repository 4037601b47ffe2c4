// Bit planes back into pixels (and the same transpose for those who go the other way).
//
// A shuffled block of n elements of s bytes holds 8 s planes of n/8 bytes. Plane 8 j + k has bit k (lowest first) of byte j (lowest
// first) of every element; element i is bit i % 8 (lowest first) of byte i / 8 of the plane.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sqd {

/// Transposes an 8 x 8 bit matrix: bit c of byte r becomes bit r of byte c. Its own inverse.
constexpr std::uint64_t transpose_8x8(std::uint64_t x) {
    auto const swap_bits = [&x](std::uint64_t mask, int shift) {
        std::uint64_t const t = (x ^ x >> shift) & mask;
        x ^= t ^ t << shift;
    };
    swap_bits(0x00AA00AA00AA00AA, 7);
    swap_bits(0x0000CCCC0000CCCC, 14);
    swap_bits(0x00000000F0F0F0F0, 28);
    return x;
}

/// The planes of some neighbouring elements of a block: plane p starts at `first + p * stride`.
struct PlaneView {
    std::byte const* first = nullptr;
    std::size_t stride = 0; ///< bytes from one plane to the next
};

/// `pixels` (a multiple of 8) elements of `bytes` bytes each, from their planes into `out`, any number of them.
void unshuffle(PlaneView planes, std::size_t pixels, unsigned bytes, std::byte* out);

} // namespace sqd
