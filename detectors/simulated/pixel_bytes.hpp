// Pixels as the bytes that detectors send, and the byte order of the framing around them.
#pragma once

#include "detectors/simulated/message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sqd::simulated {

/// The lowest `bytes` bytes of a number, the highest of them first: lengths in payloads and in CBOR.
inline void append_big_endian(Part& out, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

/// The count in a pixel of 1, 2 or 4 bytes; one too large becomes the largest value.
inline std::uint32_t narrowed(std::uint32_t pixel, unsigned bytes) {
    return std::min(pixel, 0xFFFFFFFFU >> (32 - 8 * bytes));
}

/// Little-endian pixels of 1, 2 or 4 bytes.
inline void append_pixels(Part& out, std::span<std::uint32_t const> pixels, unsigned bytes) {
    for (auto const pixel : pixels)
        for (unsigned j = 0; j < bytes; ++j) out.push_back(static_cast<std::byte>(narrowed(pixel, bytes) >> 8 * j));
}

} // namespace sqd::simulated
