#include "pipeline/reduce/tile_split.hpp"

#include <cstring>

namespace sqd {

namespace {

/// High bytes of the integers that fit into a word.
template <class T>
constexpr std::uint64_t high_bytes = sizeof(T) == 2 ? 0xFF00FF00FF00FF00 : 0xFFFFFF00FFFFFF00;

template <class T>
bool split(T const* pixels, std::size_t frame, std::size_t most, std::array<std::uint8_t, tile_pixels>& low, std::vector<Excess>& excess) {
    for (std::size_t i = 0; i < tile_pixels; ++i) low[i] = static_cast<std::uint8_t>(pixels[i]);
    std::size_t const before = excess.size();
    constexpr std::size_t per_word = 8 / sizeof(T), words = 8; // of 64 bytes: bright pixels are few, most lines have none
    for (std::size_t line = 0; line < tile_pixels; line += words * per_word) {
        std::uint64_t word[words], any = 0;
        std::memcpy(word, pixels + line, sizeof word);
        for (auto const& w : word) any |= w & high_bytes<T>;
        if (any == 0) continue;
        for (std::size_t i = line; i < line + words * per_word; ++i) {
            if (pixels[i] > 0xFF)
                excess.push_back({static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(frame), pixels[i] & ~std::uint32_t{0xFF}});
        }
        if (excess.size() - before <= most) continue;
        excess.resize(before);
        return false;
    }
    return true;
}

} // namespace

bool split_tile(Tile const& tile, std::size_t frame, std::size_t most, std::array<std::uint8_t, tile_pixels>& low,
                std::vector<Excess>& excess) {
    if (tile.lane == Lane::u16) return split(reinterpret_cast<std::uint16_t const*>(tile.pixels.data()), frame, most, low, excess);
    return split(reinterpret_cast<std::uint32_t const*>(tile.pixels.data()), frame, most, low, excess);
}

} // namespace sqd
