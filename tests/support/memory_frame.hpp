// Frames whose pixels lie in memory, to be read tile by tile; one tile may be made to fail.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sqd::test {

inline constexpr std::uint32_t invalid_pixel = 0xffffffff;

/// Tiles in the narrowest lane that holds them, or in a wider one if asked; pixels of value invalid_pixel are invalid.
class MemoryTiles final : public TileReader {
public:
    explicit MemoryTiles(Image<std::uint32_t> const& image, Lane at_least = Lane::u8, std::optional<std::size_t> broken_tile = {},
                         bool broken_start = false)
        : broken_tile_(broken_tile), broken_start_(broken_start), tiles_(tile_count(image.size())) {
        for (std::size_t t = 0; t < tiles_.size(); ++t) {
            std::size_t const first = t * tile_pixels, n = std::min(tile_pixels, image.size() - first);
            tiles_[t] = make_tile(image.pixels.data() + first, n, at_least);
        }
    }

    void prepare(PixelScratch&) override {
        if (broken_start_) throw DecodeError(DecodeFault::malformed, "broken start");
    }
    void read(std::size_t tile, Tile& out) const override {
        if (broken_tile_ == tile) throw DecodeError(DecodeFault::corrupt, "broken tile " + std::to_string(tile));
        out = tiles_[tile];
    }
    Tile const& tile(std::size_t number) const { return tiles_[number]; }

private:
    template <class T>
    static void store(std::vector<std::uint32_t> const& values, Tile& out) {
        std::vector<T> const narrow(values.begin(), values.end());
        std::memcpy(out.pixels.data(), narrow.data(), narrow.size() * sizeof(T));
    }

    static Tile make_tile(std::uint32_t const* pixels, std::size_t n, Lane at_least) {
        Tile out;
        std::vector<std::uint32_t> values(tile_pixels);
        for (std::size_t i = 0; i < n; ++i) {
            if (pixels[i] == invalid_pixel) {
                out.invalid[i / 64] |= std::uint64_t{1} << (i % 64);
            } else {
                values[i] = pixels[i];
            }
        }
        std::uint32_t const most = *std::max_element(values.begin(), values.end());
        out.lane = std::max(at_least, most <= 0xff ? Lane::u8 : most <= 0xffff ? Lane::u16 : Lane::u32);
        switch (out.lane) {
        case Lane::u8: store<std::uint8_t>(values, out); break;
        case Lane::u16: store<std::uint16_t>(values, out); break;
        case Lane::u32: store<std::uint32_t>(values, out); break;
        }
        return out;
    }

    std::optional<std::size_t> broken_tile_;
    bool broken_start_;
    std::vector<Tile> tiles_;
};

inline Frame memory_frame(Image<std::uint32_t> const& image, std::uint64_t number, std::shared_ptr<TileReader> tiles = nullptr) {
    Frame frame;
    frame.number = number;
    frame.rows = image.rows;
    frame.cols = image.cols;
    frame.bits = 32;
    frame.tiles = tiles ? std::move(tiles) : std::make_shared<MemoryTiles>(image);
    return frame;
}

/// A ParallelFor of so many real threads, one contiguous range each.
inline ParallelFor threads_for(std::size_t slots) {
    return [slots](std::size_t n, std::function<void(std::size_t, std::size_t, std::size_t)> const& body) {
        std::size_t const ranges = std::min(slots, n);
        std::vector<std::exception_ptr> errors(ranges);
        std::vector<std::thread> threads;
        for (std::size_t slot = 0; slot < ranges; ++slot) {
            threads.emplace_back([&, slot] {
                try {
                    body(n * slot / ranges, n * (slot + 1) / ranges, slot);
                } catch (...) {
                    errors[slot] = std::current_exception();
                }
            });
        }
        for (auto& thread : threads) thread.join();
        for (auto const& error : errors) {
            if (error) std::rethrow_exception(error);
        }
    };
}

} // namespace sqd::test
