// A frame in memory, for tests that need frames but no codec; it can be told to fail.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace sqd::test {

inline constexpr std::uint32_t invalid_pixel = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::size_t no_tile = std::numeric_limits<std::size_t>::max();

/// Pixels equal to invalid_pixel are invalid; tile number `broken` throws.
class MemoryTiles final : public TileReader {
public:
    explicit MemoryTiles(std::vector<std::uint32_t> pixels, std::size_t broken = no_tile) : pixels_(std::move(pixels)), broken_(broken) {}
    void prepare() override {}
    void read(std::size_t tile, Tile& out) const override {
        if (tile == broken_) throw DecodeError(DecodeFault::corrupt, "a broken tile");
        out.lane = Lane::u32;
        out.invalid.fill(0);
        std::size_t const first = tile * tile_pixels;
        for (std::size_t i = 0; i < tile_pixels; ++i) {
            std::uint32_t value = first + i < pixels_.size() ? pixels_[first + i] : 0;
            if (value == invalid_pixel) {
                out.invalid[i / 64] |= std::uint64_t{1} << (i % 64);
                value = 0;
            }
            std::memcpy(out.pixels.data() + 4 * i, &value, 4);
        }
    }

private:
    std::vector<std::uint32_t> pixels_;
    std::size_t broken_;
};

inline Frame memory_frame(SeriesKey series, std::uint64_t number, std::size_t rows, std::size_t cols, std::vector<std::uint32_t> pixels,
                          std::size_t broken = no_tile) {
    Frame frame;
    frame.series = std::move(series);
    frame.number = number;
    frame.rows = rows;
    frame.cols = cols;
    frame.bits = 32;
    frame.bytes = pixels.size() * 4;
    frame.tiles = std::make_shared<MemoryTiles>(std::move(pixels), broken);
    frame.received_ns = 1;
    return frame;
}

} // namespace sqd::test
