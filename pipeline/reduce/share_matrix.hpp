// Which part of which pixel is in which bin: a sparse matrix, stored bin by bin.
#pragma once

#include "pipeline/core/large_memory.hpp"
#include "pipeline/core/parallel.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sqd {

/// A pixel's part in a bin.
struct PixelPart {
    std::uint32_t pixel;
    float share;
};

/// Bins are rings, or cells of a cake. Within a bin pixels are in the order of the image, so that one thread that sums a bin has one order
/// however many there are. 8 bytes per part, 12 with what is kept beside.
struct ShareMatrix {
    std::vector<std::size_t> first; ///< parts of bin b are first[b] to first[b + 1]
    UnsetArray<PixelPart> parts;
    UnsetArray<float> next;       ///< of each part: what its pixel has in the bin after; empty where that was not asked for
    UnsetArray<float> rest;       ///< of each part: its share less its single precision; likewise
    std::uint32_t most_bins = 0;  ///< from the first to the last bin of a pixel, at most
    std::size_t image_pixels = 0; ///< of the image

    std::size_t bins() const { return first.size() - 1; }
    std::span<PixelPart const> of(std::size_t bin) const { return std::span(parts).subspan(first[bin], first[bin + 1] - first[bin]); }
};

/// What is kept beside the parts.
enum class Beside { nothing, next, rest };

/// As the parts are found, pixel after pixel.
struct FoundPart {
    std::uint32_t pixel, bin;
    double share;
};
using FoundParts = UnsetArray<FoundPart>;

/// Appends the parts of the pixels of rows [begin, end), in the order of the image.
using FindParts = std::function<void(std::size_t begin, std::size_t end, FoundParts& out)>;

/// The same for any number of workers.
ShareMatrix share_matrix(std::size_t rows, std::size_t cols, std::size_t bins, Beside beside, FindParts const& find,
                         ParallelFor const& parallel_for);

} // namespace sqd
