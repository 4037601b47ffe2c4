// The pixels of one frame: how many, how wide, and which of their values are counts.
#pragma once

#include "pipeline/core/cpu_tier.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sqd {

/// Pixel type as detectors name it: "uint8", "int32", ...
struct PixelType {
    unsigned bytes = 4; ///< 1, 2 or 4
    bool is_signed = false;
    bool operator==(PixelType const&) const = default;
};

/// nullopt for anything but (u)int8, (u)int16, (u)int32.
std::optional<PixelType> parse_pixel_type(std::string_view name);

/// Whether sentinels are sought among the pixels.
enum class PixelRule {
    counts,     ///< values that stand for "no count" are invalid
    as_written, ///< every value is what it is: to hold the decoding against others'
};

/// Largest value that is a count; what is above it, taken as unsigned, is invalid. The two highest unsigned values are sentinels
/// (masked or overflowed, and max-1), and negative values of signed pixels are huge as unsigned ones. `saturation`, where
/// known, lowers the limit. `as_written`: all ones, nothing is invalid.
std::uint32_t largest_valid_count(PixelType type, std::optional<std::uint64_t> saturation, PixelRule rule = PixelRule::counts);

/// What a tile reader must know of a frame besides its bytes.
struct PixelFormat {
    std::size_t pixels = 0;
    unsigned bytes = 4;              ///< per pixel: 1, 2 or 4
    std::uint32_t largest_valid = 0; ///< at most 2^(8 bytes) - 3, or all ones: nothing is invalid
    CpuTier tier = best_cpu_tier();  ///< with which instructions; the pixels are the same with all

    std::size_t frame_bytes() const { return pixels * bytes; }
};

} // namespace sqd
