// CRC32C (Castagnoli, RFC 3720 B.4): the checksum of the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sqd {

/// Of `bytes`, or of what gave `before` and then `bytes`. Of "123456789" it is 0xe3069283.
std::uint32_t crc32c(std::span<std::byte const> bytes, std::uint32_t before = 0);

} // namespace sqd
