// The sum of images, pixel by pixel: 32 bits of memory for each, 64 where they are needed.
#pragma once

#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sqd {

/// Exact up to 2^64. Threads may work on different tiles at once.
class PixelTotals {
public:
    explicit PixelTotals(std::size_t pixels);

    std::size_t pixels() const { return pixels_; }
    /// Where a whole tile of 32-bit sums may be added to, each growing by at most `most` (< 2^32) until the next call.
    std::uint32_t* room_for(std::size_t tile, std::uint64_t most);
    /// The tile's sums in 64 bits, to be added to and subtracted from; what has been added in 32 bits is in them.
    std::array<std::uint64_t, tile_pixels>& wide(std::size_t tile);
    /// Sums of pixels [first, first + out.size()); double is exact up to 2^53.
    void copy(std::size_t first, std::span<std::uint64_t> out) const { copy_as(first, out); }
    void copy(std::size_t first, std::span<double> out) const { copy_as(first, out); }

    /// Takes these sums, one for each pixel (assert), in place of its own.
    void assign(std::span<std::uint64_t const> sums);

private:
    using WideTile = std::array<std::uint64_t, tile_pixels>;
    template <class T>
    void copy_as(std::size_t first, std::span<T> out) const;

    std::size_t pixels_;
    std::vector<std::uint32_t> low_;              ///< padded to whole tiles
    std::vector<std::uint64_t> bound_;            ///< of a tile: no sum in `low_` is above it
    std::vector<std::unique_ptr<WideTile>> wide_; ///< of a tile: what has left `low_`; null = nothing has
};

} // namespace sqd
