// Which bins every pixel is shared among: pixel splitting, worked out once per geometry and mask.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/integration_config.hpp"
#include "pipeline/reduce/pixel_extent.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// A sparse matrix, pixel by pixel in the order of the image; masked pixels and those outside have no entry.
struct PixelShares {
    Axis axis; ///< of the bins, in `unit`
    RadialUnit unit = RadialUnit::q_invA;
    std::vector<std::size_t> first; ///< entries of pixel i are first[i] to first[i + 1]
    std::vector<BinShare> entries;

    std::size_t pixels() const { return first.size() - 1; }
    std::span<BinShare const> of(std::size_t pixel) const {
        return std::span(entries).subspan(first[pixel], first[pixel + 1] - first[pixel]);
    }
};

/// Without a range the axis spans the unmasked pixels: their centres, with bbox and full their extent (as pyFAI has it).
/// Throws DataError for a mask of another shape, for no bins, for a range without pixels, for compat with edges of one's own.
PixelShares share_pixels(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for);

} // namespace sqd
