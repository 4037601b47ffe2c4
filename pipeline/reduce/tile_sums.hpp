// The inner loops: tiles of up to 16 frames into pixel sums and histograms.
#pragma once

#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// Bit f = frame f of the batch.
using FrameSet = std::uint16_t;

/// Counts of the frames of one batch in every bin, from the tiles of one worker. [bin][frame]; one bin more than the map has
/// takes the pixels that take no part.
class BatchHistogram {
public:
    explicit BatchHistogram(std::size_t bins);

    /// Forgets everything.
    void clear();
    /// Adds the tiles of `frames` (tiles[f] for every f in the set): to the histogram by `bin`, and to `pixel_sum`, which may be
    /// shorter than a tile at the end of the image.
    void add(std::array<Tile, batch_frames> const& tiles, FrameSet frames, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum);
    /// Adds this to `total`, [bin][frame] without the extra bin.
    void add_to(std::vector<std::uint64_t>& total) const;

private:
    template <class T>
    void add_narrow(std::array<T const*, batch_frames> const& rows, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum);
    template <class T>
    void add_one(T const* values, std::size_t frame, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum);
    void add_one(Tile const& tile, std::size_t frame, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum);
    void fold();

    std::vector<std::uint32_t> narrow_; ///< what has been added since the last fold
    std::vector<std::uint64_t> wide_;
    std::uint64_t narrow_bound_ = 0; ///< no value of narrow_ is above this
    bool wide_used_ = false;
};

/// Takes one frame's tile out of the pixel sum again.
void subtract_tile(Tile const& tile, std::span<std::uint64_t> pixel_sum);

} // namespace sqd
