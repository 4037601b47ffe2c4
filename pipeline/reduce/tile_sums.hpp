// Tiles of up to 16 frames into pixel sums and histograms.
#pragma once

#include "pipeline/core/pixel_tile.hpp"
#include "pipeline/reduce/pixel_totals.hpp"
#include "pipeline/reduce/tile_kernels.hpp"
#include "pipeline/reduce/tile_split.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// Bit f = frame f of the batch.
using FrameSet = std::uint16_t;

constexpr bool contains(FrameSet set, std::size_t frame) {
    return (set >> frame & 1) != 0;
}
constexpr FrameSet with(FrameSet set, std::size_t frame) {
    return static_cast<FrameSet>(set | 1U << frame);
}

/// One tile of each frame of a batch.
using BatchTiles = std::array<Tile, batch_frames>;

/// Counts of the frames of one batch in every bin, from the tiles of one worker. One bin more than the map has takes the pixels that take
/// no part.
class BatchHistogram {
public:
    BatchHistogram(std::size_t bins, CpuTier tier);

    /// Forgets everything.
    void clear();
    /// Adds the tiles with number `tile` of `frames` (tiles[f] for every f in the set): to the histogram by `bin`, which has an entry for
    /// every pixel of the tile, and to the totals.
    void add(BatchTiles const& tiles, FrameSet frames, std::uint16_t const* bin, std::size_t tile, PixelTotals& totals);
    /// Adds this to `total`, [bin][frame] without the extra bin.
    void add_to(std::span<std::uint64_t> total) const;

private:
    using Row = std::array<std::uint8_t, tile_pixels>;
    using WideRow = std::array<std::uint16_t, tile_pixels>;

    void add_excess(std::size_t tile, std::uint16_t const* bin, PixelTotals& totals);
    void add_bytes(BatchTiles const& tiles, FrameSet frames, FrameSet split, std::uint16_t const* bin, std::size_t tile,
                   PixelTotals& totals);
    void add_words(BatchTiles const& tiles, FrameSet frames, FrameSet split, std::uint16_t const* bin, std::size_t tile,
                   PixelTotals& totals);
    void add_one(Tile const& pixels, std::size_t frame, std::uint16_t const* bin, std::size_t tile, PixelTotals& totals);
    void make_room(std::uint64_t largest_pixel);

    TileKernels const& kernels_;
    std::vector<BatchCounts> narrow_;                           ///< what has been added since the last fold
    std::vector<std::array<std::uint64_t, batch_frames>> wide_; ///< [bin][frame]
    std::uint64_t narrow_bound_ = 0;                            ///< no count of narrow_ is above this
    bool wide_used_ = false;
    std::array<Row, batch_frames> low_{}; ///< lowest bytes of frames whose lane is wider
    std::vector<WideRow> widened_;        ///< bytes as words, once they were needed
    std::vector<Excess> excess_;
};

/// Takes one frame's tile out of the totals again.
void subtract_tile(Tile const& pixels, std::size_t tile, PixelTotals& totals);

} // namespace sqd
