// Counted per block of pixels and bin, then put where the block's pixels of the bin begin.
#include "pipeline/reduce/ring_pixels.hpp"

#include <utility>

namespace sqd {

RingPixels ring_pixels(BinMap const& map, ParallelFor const& parallel_for) {
    constexpr std::size_t blocks = 16;
    std::size_t const bins = map.axis.size(), pixels = map.pixels();
    std::vector<std::vector<std::size_t>> at(blocks, std::vector<std::size_t>(bins + 1)); // one more: pixels without a bin
    auto const for_blocks = [&](auto const& each) {
        parallel_for(blocks, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t k = begin; k < end; ++k)
                for (std::size_t i = pixels * k / blocks; i < pixels * (k + 1) / blocks; ++i) each(at[k][map.bin[i]], i);
        });
    };
    for_blocks([](std::size_t& count, std::size_t) { ++count; });
    RingPixels out{std::vector<std::size_t>(bins + 1), {}};
    for (std::size_t b = 0, next = 0; b < bins; ++b) {
        for (auto& block : at) next += std::exchange(block[b], next);
        out.first[b + 1] = next;
    }
    out.pixel.resize(out.first.back());
    for (auto& block : at) block[bins] = pixels; // beyond all
    for_blocks([&](std::size_t& next, std::size_t i) {
        if (next < out.pixel.size()) out.pixel[next++] = static_cast<std::uint32_t>(i);
    });
    return out;
}

} // namespace sqd
