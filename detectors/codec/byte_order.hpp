// Integers of a stated byte order from and to raw bytes; the host is little-endian.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sqd {

static_assert(std::endian::native == std::endian::little, "detector pixels are little-endian and are used as they lie");

/// The integer at `bytes`, lowest byte first.
template <std::integral T>
T load_little(std::byte const* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// The integer at `bytes`, highest byte first.
template <std::unsigned_integral T>
T load_big(std::byte const* bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return static_cast<T>(value);
}

/// Writes `value` at `bytes`, highest byte first.
template <std::unsigned_integral T>
void store_big(T value, std::byte* bytes) {
    for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(std::uint64_t{value} >> 8))
        bytes[i] = static_cast<std::byte>(value & 0xFF);
}

} // namespace sqd
