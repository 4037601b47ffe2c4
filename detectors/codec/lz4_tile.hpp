// LZ4 for blocks as small as a tile, whose bit planes are many short sequences and a few long ones.
#pragma once

#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace sqd {

/// Decompresses an LZ4 block (lz4_Block_format.md) so that it gives exactly `bytes` <= tile_pixels * 4 bytes at the front of `out`, whose
/// rest may be written to. Never reads or writes outside. The same bytes, and the same blocks refused, in all tiers.
/// Throws DecodeError (corrupt).
///
/// Nearly twice as fast as liblz4 on shuffled counts (bench_hot_path): sequences of less than 15 literals and 19 copied bytes, which are
/// nearly all, take no branch that depends on their lengths or on whether copies overlap.
void decompress_lz4_tile(std::span<std::byte const> block, std::size_t bytes, BlockMemory& out, CpuTier tier);

} // namespace sqd
