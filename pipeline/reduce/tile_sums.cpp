// Which way a tile goes: nearly all pixels are bytes; the few that are not are added one by one, and where they are many, words are used.
#include "pipeline/reduce/tile_sums.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace sqd {

namespace {

constexpr std::size_t excess_of_a_frame = 256; ///< bright pixels of a tile up to which they are added one by one
constexpr std::size_t excess_of_a_batch = 768;
constexpr std::uint64_t most_in_32_bits = std::numeric_limits<std::uint32_t>::max();

/// The pixels of a tile as integers of its lane. Tile::pixels holds them in native byte order and is aligned for any lane.
template <class T>
T const* lane(Tile const& tile) {
    return reinterpret_cast<T const*>(tile.pixels.data());
}

/// Calls `action` with the pixels of a tile in their own type.
template <class Action>
void with_lane(Tile const& tile, Action action) {
    switch (tile.lane) {
    case Lane::u8: action(lane<std::uint8_t>(tile)); break;
    case Lane::u16: action(lane<std::uint16_t>(tile)); break;
    case Lane::u32: action(lane<std::uint32_t>(tile)); break;
    }
}

template <class T>
constexpr std::array<T, tile_pixels> no_pixels{};

} // namespace

BatchHistogram::BatchHistogram(std::size_t bins, CpuTier tier) : kernels_(tile_kernels(tier)), narrow_(bins + 1), wide_(bins + 1) {}

void BatchHistogram::clear() {
    std::fill(narrow_.begin(), narrow_.end(), BatchCounts{});
    if (wide_used_) std::fill(wide_.begin(), wide_.end(), std::array<std::uint64_t, batch_frames>{});
    narrow_bound_ = 0;
    wide_used_ = false;
}

/// Before a tile of pixels up to so much is added to the narrow counts.
void BatchHistogram::make_room(std::uint64_t largest_pixel) {
    std::uint64_t const most = tile_pixels * largest_pixel;
    if (narrow_bound_ + most > most_in_32_bits) {
        for (std::size_t b = 0; b < narrow_.size(); ++b)
            for (std::size_t f = 0; f < batch_frames; ++f) wide_[b][f] += narrow_[b].of_frame[f];
        std::fill(narrow_.begin(), narrow_.end(), BatchCounts{});
        narrow_bound_ = 0;
        wide_used_ = true;
    }
    narrow_bound_ += most;
}

void BatchHistogram::add(BatchTiles const& tiles, FrameSet frames, std::uint16_t const* bin, std::size_t tile, PixelTotals& totals) {
    excess_.clear();
    FrameSet together = 0, split = 0; // frames that are added at once; those of them whose lowest bytes are in low_
    bool words = false;
    bool const few = std::popcount(frames) < kernels_.worth_it;
    for (std::size_t f = 0; f < batch_frames; ++f) {
        if (!contains(frames, f)) continue;
        if (few) {
            add_one(tiles[f], f, bin, tile, totals);
        } else if (tiles[f].lane == Lane::u8) {
            together = with(together, f);
        } else if (excess_.size() < excess_of_a_batch && split_tile(tiles[f], f, excess_of_a_frame, low_[f], excess_)) {
            together = with(together, f);
            split = with(split, f);
        } else if (tiles[f].lane == Lane::u16) {
            together = with(together, f);
            words = true;
        } else {
            add_one(tiles[f], f, bin, tile, totals);
        }
    }
    if (together == 0) return;
    if (words)
        add_words(tiles, together, split, bin, tile, totals);
    else
        add_bytes(tiles, together, split, bin, tile, totals);
}

void BatchHistogram::add_excess(std::size_t tile, std::uint16_t const* bin, PixelTotals& totals) {
    if (excess_.empty()) return;
    wide_used_ = true;
    for (Excess const& e : excess_) wide_[bin[e.pixel]][e.frame] += e.counts;
    std::uint64_t sum = 0;
    for (Excess const& e : excess_) sum += e.counts;
    if (sum <= most_in_32_bits / 2) {
        std::uint32_t* const low = totals.room_for(tile, sum);
        for (Excess const& e : excess_) low[e.pixel] += e.counts;
    } else {
        auto& wide = totals.wide(tile);
        for (Excess const& e : excess_) wide[e.pixel] += e.counts;
    }
}

void BatchHistogram::add_bytes(BatchTiles const& tiles, FrameSet frames, FrameSet split, std::uint16_t const* bin, std::size_t tile,
                               PixelTotals& totals) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint8_t>::max();
    BatchRows<std::uint8_t> rows;
    for (std::size_t f = 0; f < batch_frames; ++f) {
        if (contains(split, f))
            rows[f] = low_[f].data();
        else
            rows[f] = contains(frames, f) ? lane<std::uint8_t>(tiles[f]) : no_pixels<std::uint8_t>.data();
    }
    add_excess(tile, bin, totals);
    make_room(largest);
    kernels_.add_bytes(rows, bin, narrow_.data(), totals.room_for(tile, batch_frames * largest));
}

void BatchHistogram::add_words(BatchTiles const& tiles, FrameSet frames, FrameSet split, std::uint16_t const* bin, std::size_t tile,
                               PixelTotals& totals) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint16_t>::max();
    widened_.resize(batch_frames);
    BatchRows<std::uint16_t> rows;
    for (std::size_t f = 0; f < batch_frames; ++f) {
        if (!contains(frames, f)) {
            rows[f] = no_pixels<std::uint16_t>.data();
        } else if (tiles[f].lane == Lane::u16 && !contains(split, f)) {
            rows[f] = lane<std::uint16_t>(tiles[f]);
        } else {
            std::copy_n(contains(split, f) ? low_[f].data() : lane<std::uint8_t>(tiles[f]), tile_pixels, widened_[f].begin());
            rows[f] = widened_[f].data();
        }
    }
    add_excess(tile, bin, totals);
    make_room(largest);
    kernels_.add_words(rows, bin, narrow_.data(), totals.room_for(tile, batch_frames * largest));
}

void BatchHistogram::add_one(Tile const& pixels, std::size_t frame, std::uint16_t const* bin, std::size_t tile, PixelTotals& totals) {
    wide_used_ = true;
    with_lane(pixels, [&](auto const* values) {
        for (std::size_t i = 0; i < tile_pixels; ++i) wide_[bin[i]][frame] += values[i];
        if (pixels.lane == Lane::u32) {
            auto& wide = totals.wide(tile);
            for (std::size_t i = 0; i < tile_pixels; ++i) wide[i] += values[i];
        } else {
            std::uint32_t* const low = totals.room_for(tile, std::numeric_limits<std::uint16_t>::max());
            for (std::size_t i = 0; i < tile_pixels; ++i) low[i] += values[i];
        }
    });
}

void BatchHistogram::add_to(std::span<std::uint64_t> total) const {
    for (std::size_t b = 0; b + 1 < narrow_.size(); ++b) {
        for (std::size_t f = 0; f < batch_frames; ++f) total[b * batch_frames + f] += narrow_[b].of_frame[f];
    }
    if (!wide_used_) return;
    for (std::size_t b = 0; b + 1 < wide_.size(); ++b) {
        for (std::size_t f = 0; f < batch_frames; ++f) total[b * batch_frames + f] += wide_[b][f];
    }
}

void subtract_tile(Tile const& pixels, std::size_t tile, PixelTotals& totals) {
    auto& wide = totals.wide(tile);
    with_lane(pixels, [&](auto const* values) {
        for (std::size_t i = 0; i < tile_pixels; ++i) wide[i] -= values[i];
    });
}

} // namespace sqd
