// The names that camserver, which runs a PILATUS, gives to its images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqd {

/// "t_0008.cbf" is image 8 of "t", counted with 4 digits. A name without a count is a single image as somebody typed it: number 0, no
/// digits.
struct CamserverName {
    std::string base;
    std::uint64_t number = 0;
    unsigned digits = 0;   ///< 0: the name has no count
    std::string extension; ///< without the dot, lower-case
    bool operator==(CamserverName const&) const = default;
};

/// The last component of a path. The count is what follows the last '_', if it is at least three digits and nothing else; "t_014B.cbf" has
/// none. nullopt where the name has none of camserver's extensions (cbf, tif, tiff, edf) or nothing before it.
std::optional<CamserverName> parse_camserver_name(std::string_view path);

} // namespace sqd
