// One LZ4 block of known decompressed size.
#pragma once

#include <cstddef>
#include <span>

namespace sqd {

/// Decompresses `block` so that it fills `out` exactly; throws DecodeError (corrupt) otherwise. Never reads or writes outside.
void decompress_lz4_block(std::span<std::byte const> block, std::span<std::byte> out);

} // namespace sqd
