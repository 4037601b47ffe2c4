// Pixel types by name and their largest counts.
#include "detectors/codec/pixel_format.hpp"

#include <algorithm>

namespace sqd {

std::optional<PixelType> parse_pixel_type(std::string_view name) {
    bool const is_signed = !name.starts_with('u');
    if (!is_signed) name.remove_prefix(1);
    if (name == "int8") return PixelType{1, is_signed};
    if (name == "int16") return PixelType{2, is_signed};
    if (name == "int32") return PixelType{4, is_signed};
    return std::nullopt;
}

std::uint32_t largest_valid_count(PixelType type, std::optional<std::uint64_t> saturation, PixelRule rule) {
    std::uint64_t const values = std::uint64_t{1} << 8 * type.bytes;
    if (rule == PixelRule::as_written) return static_cast<std::uint32_t>(values - 1);
    std::uint64_t const largest = type.is_signed ? values / 2 - 1 : values - 3;
    return static_cast<std::uint32_t>(std::min(largest, saturation.value_or(largest)));
}

} // namespace sqd
