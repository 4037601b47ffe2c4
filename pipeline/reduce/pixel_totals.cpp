#include "pipeline/reduce/pixel_totals.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace sqd {

namespace {

constexpr std::uint64_t most_in_32_bits = std::numeric_limits<std::uint32_t>::max();

}

PixelTotals::PixelTotals(std::size_t pixels)
    : pixels_(pixels), low_(tile_count(pixels) * tile_pixels), bound_(tile_count(pixels)), wide_(tile_count(pixels)) {}

std::uint32_t* PixelTotals::room_for(std::size_t tile, std::uint64_t most) {
    assert(most <= most_in_32_bits);
    if (bound_[tile] + most > most_in_32_bits) wide(tile);
    bound_[tile] += most;
    return low_.data() + tile * tile_pixels;
}

std::array<std::uint64_t, tile_pixels>& PixelTotals::wide(std::size_t tile) {
    if (!wide_[tile]) wide_[tile] = std::make_unique<WideTile>();
    WideTile& sums = *wide_[tile];
    if (bound_[tile] == 0) return sums;
    std::uint32_t* const low = low_.data() + tile * tile_pixels;
    for (std::size_t i = 0; i < tile_pixels; ++i) sums[i] += low[i];
    std::fill_n(low, tile_pixels, 0U);
    bound_[tile] = 0;
    return sums;
}

template <class T>
void PixelTotals::copy_as(std::size_t first, std::span<T> out) const {
    assert(first + out.size() <= pixels_);
    for (std::size_t done = 0; done < out.size();) {
        std::size_t const tile = (first + done) / tile_pixels, at = (first + done) % tile_pixels;
        std::size_t const n = std::min(tile_pixels - at, out.size() - done);
        std::uint32_t const* const low = low_.data() + first + done;
        if (wide_[tile]) {
            for (std::size_t i = 0; i < n; ++i) out[done + i] = static_cast<T>((*wide_[tile])[at + i] + low[i]);
        } else {
            for (std::size_t i = 0; i < n; ++i) out[done + i] = static_cast<T>(low[i]);
        }
        done += n;
    }
}

void PixelTotals::assign(std::span<std::uint64_t const> sums) {
    assert(sums.size() == pixels_);
    *this = PixelTotals(pixels_);
    for (std::size_t tile = 0; tile < wide_.size(); ++tile) {
        auto const of_tile = sums.subspan(tile * tile_pixels, std::min(tile_pixels, pixels_ - tile * tile_pixels));
        std::uint64_t const most = *std::max_element(of_tile.begin(), of_tile.end());
        if (most <= most_in_32_bits)
            std::transform(of_tile.begin(), of_tile.end(), room_for(tile, most),
                           [](std::uint64_t sum) { return static_cast<std::uint32_t>(sum); });
        else
            std::copy(of_tile.begin(), of_tile.end(), wide(tile).begin());
    }
}

template void PixelTotals::copy_as(std::size_t, std::span<std::uint64_t>) const;
template void PixelTotals::copy_as(std::size_t, std::span<double>) const;

} // namespace sqd
