// One compressed image as an input: how its pixels are stored, then the payload.
//
// Byte 0: bits 0-1 bytes per pixel (1, 2, 4, 4), bit 2 signed, bit 3 as written, bit 4 with a saturation of 1000.
// Bytes 1 and 2: number of pixels less one, lowest byte first; 13 bits of it, four tiles.
#pragma once

#include "tests/fuzz/fuzzing.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace sqd::fuzz {

struct Payload {
    PixelFormat format;
    Bytes bytes;
};

inline Payload take_payload(Bytes input) {
    constexpr std::array bytes_per_pixel{1u, 2u, 4u, 4u};
    auto const [flags, after_flags] = take_byte(input);
    auto const [low, after_low] = take_byte(after_flags);
    auto const [high, rest] = take_byte(after_low);
    PixelType const type{bytes_per_pixel[flags & 3], (flags & 4) != 0};
    auto const saturation = flags & 16 ? std::optional<std::uint64_t>(1000) : std::nullopt;
    auto const rule = flags & 8 ? PixelRule::as_written : PixelRule::counts;
    std::size_t const pixels = ((std::size_t{high} << 8 | low) & 0x1FFF) + 1;
    return {{pixels, type.bytes, largest_valid_count(type, saturation, rule)}, rest};
}

/// The inverse: an input of these pixels.
inline std::vector<std::byte> payload_input(unsigned flags, std::size_t pixels, Bytes payload) {
    std::vector<std::byte> out{static_cast<std::byte>(flags), static_cast<std::byte>((pixels - 1) & 0xFF),
                               static_cast<std::byte>((pixels - 1) >> 8)};
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

/// Little-endian pixels as numbers.
inline std::vector<std::uint32_t> pixel_values(Bytes plain, unsigned bytes) {
    std::vector<std::uint32_t> values(plain.size() / bytes);
    for (std::size_t i = 0; i < values.size(); ++i) std::memcpy(&values[i], plain.data() + i * bytes, bytes);
    return values;
}

} // namespace sqd::fuzz
