// The pixels of a bin map sorted by bin, for who looks at ring after ring.
#pragma once

#include "pipeline/core/large_memory.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/bin_map.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// Within a bin in the order of the image; pixels without a bin are left out. 4 bytes per pixel.
struct RingPixels {
    std::vector<std::size_t> first; ///< pixels of bin b are first[b] to first[b + 1]
    UnsetArray<std::uint32_t> pixel;
    std::span<std::uint32_t const> of(std::size_t bin) const { return std::span(pixel).subspan(first[bin], first[bin + 1] - first[bin]); }
};

/// The same for any number of workers.
RingPixels ring_pixels(BinMap const& map, ParallelFor const& parallel_for);

} // namespace sqd
