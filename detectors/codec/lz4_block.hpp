// One LZ4 block of known decompressed size.
#pragma once

#include <cstddef>
#include <span>

namespace sqd {

/// LZ4 makes at most so many bytes of one.
inline constexpr std::size_t largest_lz4_ratio = 255;
/// Throws DecodeError (truncated) where so few packed bytes cannot become so many: to be asked before memory is.
void require_lz4_ratio(std::size_t packed, std::size_t unpacked);

/// Decompresses `block` so that it fills `out` exactly; throws DecodeError (corrupt) otherwise. Never reads or writes outside.
void decompress_lz4_block(std::span<std::byte const> block, std::span<std::byte> out);

} // namespace sqd
