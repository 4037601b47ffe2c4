// The inner loops, written so that the compiler turns them into vector code.
#include "pipeline/reduce/tile_sums.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

namespace sqd {

namespace {

constexpr std::size_t chunk = 64;    ///< pixels transposed at a time: they stay in the first-level cache
constexpr int worth_transposing = 5; ///< frames from which all at once is faster than one by one (bench_accumulator)

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

/// out = a0 b0 a1 b1 ...
template <class T>
inline void interleave(T const* __restrict a, T const* __restrict b, T* __restrict out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        out[2 * i] = a[i];
        out[2 * i + 1] = b[i];
    }
}

/// [frame][pixel] -> [pixel][frame] for `chunk` pixels: interleaving the first half of an array with its second rotates the bits of
/// the index by one, so four times brings the frame's four bits to the low end.
template <class T>
inline void transpose(std::array<T const*, batch_frames> const& rows, std::size_t offset, T* out) {
    static_assert(batch_frames == 16);
    constexpr std::size_t half = chunk * batch_frames / 2;
    alignas(64) T buffer[2 * half];
    for (std::size_t f = 0; f < batch_frames / 2; ++f) {
        interleave(rows[f] + offset, rows[f + batch_frames / 2] + offset, buffer + 2 * f * chunk, chunk);
    }
    interleave(buffer, buffer + half, out, half);
    interleave(out, out + half, buffer, half);
    interleave(buffer, buffer + half, out, half);
}

/// One pixel of all frames into the histogram of its bin.
template <class T>
inline void add_pixel(T const* __restrict values, std::uint32_t* __restrict counts) {
#pragma GCC unroll 1 // unrolled early, GCC 12 would leave it scalar
    for (std::size_t f = 0; f < batch_frames; ++f) counts[f] += values[f];
}

template <class T>
void add_to_pixels(std::array<T const*, batch_frames> const& rows, std::span<std::uint64_t> pixel_sum) {
    using Sum = std::conditional_t<sizeof(T) == 1, std::uint16_t, std::uint32_t>; // 16 frames cannot overflow it
    alignas(64) std::array<Sum, chunk> sum;
    for (std::size_t start = 0; start < pixel_sum.size(); start += chunk) {
        sum.fill(0);
        for (T const* row : rows) {
            for (std::size_t i = 0; i < chunk; ++i) sum[i] = static_cast<Sum>(sum[i] + row[start + i]);
        }
        std::size_t const n = std::min(chunk, pixel_sum.size() - start);
        for (std::size_t i = 0; i < n; ++i) pixel_sum[start + i] += sum[i];
    }
}

/// The rows of all frames as T, u8 lanes widened where T is wider, zeros for frames that are not there.
template <class T>
class Rows {
public:
    Rows(std::array<Tile, batch_frames> const& tiles, FrameSet frames) {
        alignas(64) static constexpr std::array<T, tile_pixels> zeros{};
        for (std::size_t f = 0; f < batch_frames; ++f) {
            bool const here = (frames >> f & 1) != 0;
            if (!here) {
                rows_[f] = zeros.data();
            } else if (sizeof(T) == 1 || tiles[f].lane != Lane::u8) {
                rows_[f] = lane<T>(tiles[f]);
            } else {
                std::copy_n(lane<std::uint8_t>(tiles[f]), tile_pixels, widened_[f].begin());
                rows_[f] = widened_[f].data();
            }
        }
    }
    std::array<T const*, batch_frames> const& operator()() const { return rows_; }

private:
    std::array<T const*, batch_frames> rows_;
    std::array<std::array<T, tile_pixels>, sizeof(T) == 1 ? 0 : batch_frames> widened_;
};

} // namespace

BatchHistogram::BatchHistogram(std::size_t bins) : narrow_((bins + 1) * batch_frames), wide_((bins + 1) * batch_frames) {}

void BatchHistogram::clear() {
    std::fill(narrow_.begin(), narrow_.end(), 0U);
    if (wide_used_) std::fill(wide_.begin(), wide_.end(), 0U);
    narrow_bound_ = 0;
    wide_used_ = false;
}

void BatchHistogram::fold() {
    for (std::size_t i = 0; i < narrow_.size(); ++i) wide_[i] += narrow_[i];
    std::fill(narrow_.begin(), narrow_.end(), 0U);
    narrow_bound_ = 0;
    wide_used_ = true;
}

void BatchHistogram::add(std::array<Tile, batch_frames> const& tiles, FrameSet frames, std::uint16_t const* bin,
                         std::span<std::uint64_t> pixel_sum) {
    FrameSet narrow = 0;
    bool sixteen_bits = false;
    for (std::size_t f = 0; f < batch_frames; ++f) {
        if ((frames >> f & 1) == 0 || tiles[f].lane == Lane::u32) continue;
        narrow = static_cast<FrameSet>(narrow | 1U << f);
        sixteen_bits |= tiles[f].lane == Lane::u16;
    }
    if (std::popcount(narrow) < worth_transposing) narrow = 0;
    for (std::size_t f = 0; f < batch_frames; ++f) {
        if (((frames & ~narrow) >> f & 1) != 0) add_one(tiles[f], f, bin, pixel_sum);
    }
    if (narrow == 0) return;
    if (sixteen_bits) {
        add_narrow<std::uint16_t>(Rows<std::uint16_t>(tiles, narrow)(), bin, pixel_sum);
    } else {
        add_narrow<std::uint8_t>(Rows<std::uint8_t>(tiles, narrow)(), bin, pixel_sum);
    }
}

template <class T>
void BatchHistogram::add_narrow(std::array<T const*, batch_frames> const& rows, std::uint16_t const* bin,
                                std::span<std::uint64_t> pixel_sum) {
    constexpr std::uint64_t most = tile_pixels * std::uint64_t{std::numeric_limits<T>::max()};
    if (narrow_bound_ + most > std::numeric_limits<std::uint32_t>::max()) fold();
    narrow_bound_ += most;
    add_to_pixels(rows, pixel_sum);
    alignas(64) T by_pixel[chunk * batch_frames];
    for (std::size_t start = 0; start < pixel_sum.size(); start += chunk) {
        transpose(rows, start, by_pixel);
        for (std::size_t p = 0; p < chunk; ++p) { // the map is padded to whole tiles: no test for the end
            add_pixel(by_pixel + p * batch_frames, narrow_.data() + std::size_t{bin[start + p]} * batch_frames);
        }
    }
}

template <class T>
void BatchHistogram::add_one(T const* values, std::size_t frame, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum) {
    wide_used_ = true;
    for (std::size_t i = 0; i < pixel_sum.size(); ++i) {
        pixel_sum[i] += values[i];
        wide_[std::size_t{bin[i]} * batch_frames + frame] += values[i];
    }
}

void BatchHistogram::add_one(Tile const& tile, std::size_t frame, std::uint16_t const* bin, std::span<std::uint64_t> pixel_sum) {
    with_lane(tile, [&](auto const* values) { add_one(values, frame, bin, pixel_sum); });
}

void BatchHistogram::add_to(std::vector<std::uint64_t>& total) const {
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += narrow_[i];
    if (!wide_used_) return;
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += wide_[i];
}

void subtract_tile(Tile const& tile, std::span<std::uint64_t> pixel_sum) {
    with_lane(tile, [&](auto const* values) {
        for (std::size_t i = 0; i < pixel_sum.size(); ++i) pixel_sum[i] -= values[i];
    });
}

} // namespace sqd
