#include "daemon/journal/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>

namespace sqd {

/// The library counts in int, takes no const, and leaves the two inversions to its caller.
std::uint32_t crc32c(std::span<std::byte const> bytes, std::uint32_t before) {
    constexpr std::size_t at_once = std::size_t{1} << 30;
    std::uint32_t crc = ~before;
    while (!bytes.empty()) {
        std::size_t const n = std::min(bytes.size(), at_once);
        auto* const data = const_cast<unsigned char*>(reinterpret_cast<unsigned char const*>(bytes.data()));
        crc = crc32_iscsi(data, static_cast<int>(n), crc);
        bytes = bytes.subspan(n);
    }
    return ~crc;
}

} // namespace sqd
