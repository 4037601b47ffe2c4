// Random detector images that visit every lane and every kind of invalid pixel.
#pragma once

#include "pipeline/core/pixel_tile.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace sqd::test {

/// Each tile is one of: dark, faint, counts up to 2^8, 2^16, 2^(8 element), all gap; with gaps and odd high values sprinkled in.
inline std::vector<std::uint32_t> random_pixels(std::mt19937& random, std::size_t count, unsigned element) {
    std::uint32_t const highest = element == 4 ? 0xFFFFFFFFu : (1u << 8 * element) - 1;
    auto const below = [&random](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % (std::uint64_t{limit} + 1)); };
    std::uint32_t const scales[] = {0, 3, 0xFF, 0xFFFF, highest, 0xFE};
    std::vector<std::uint32_t> pixels;
    for (std::size_t begin = 0; begin < count; begin += tile_pixels) {
        std::uint32_t const scale = std::min(scales[random() % std::size(scales)], highest);
        std::uint32_t const gap_percent = below(3) == 0 ? 100 : below(30);
        bool const odd_values = below(1) == 0;
        for (std::size_t i = begin; i < std::min(count, begin + tile_pixels); ++i) {
            std::uint32_t pixel = below(scale);
            if (below(99) < gap_percent) pixel = highest;
            if (odd_values && below(999) == 0) pixel = highest - below(3); // max, max-1 and two values that may be counts
            pixels.push_back(pixel);
        }
    }
    return pixels;
}

} // namespace sqd::test
