// The innermost loops over the tiles of a batch, once per instruction set.
#pragma once

#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sqd {

/// Counts of the frames of a batch in one bin.
struct alignas(64) BatchCounts {
    std::array<std::uint32_t, batch_frames> of_frame{};
};

/// A row of tile_pixels pixels for each frame of a batch.
template <class T>
using BatchRows = std::array<T const*, batch_frames>;

/// Same results to the bit in all tiers. Whoever calls knows that nothing overflows 32 bits.
struct TileKernels {
    /// counts[bin[i]][f] += rows[f][i] and sum[i] += rows[0][i] + rows[1][i] + ..., for all pixels i of a tile.
    template <class T>
    using Add = void (*)(BatchRows<T> const& rows, std::uint16_t const* bin, BatchCounts* counts, std::uint32_t* sum);
    Add<std::uint8_t> add_bytes;
    Add<std::uint16_t> add_words;
    int worth_it = 2; ///< frames of a batch from which that is faster than pixel by pixel (bench_hot_path)
};

TileKernels const& tile_kernels(CpuTier tier);

} // namespace sqd
