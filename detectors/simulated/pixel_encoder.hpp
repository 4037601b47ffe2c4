// An image in any of the encodings that DECTRIS detectors send.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstdint>
#include <span>

namespace sqd::simulated {

enum class PixelEncoding {
    bslz4,      ///< bitshuffle and LZ4 behind the 12-byte header: Stream V1 and V2
    bare_lz4,   ///< one LZ4 block and nothing else: Stream V1
    framed_lz4, ///< LZ4 in blocks behind the 12-byte header: Stream V2
    raw,
};

/// Pixels of 8, 16 or 32 bits; larger counts become the largest value of their type.
Part encode_pixels(std::span<std::uint32_t const> pixels, PixelEncoding encoding, unsigned bits);

} // namespace sqd::simulated
