// Which bins every pixel is shared among: pixel splitting, worked out once per geometry and mask.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/integration_config.hpp"
#include "pipeline/reduce/share_matrix.hpp"

namespace sqd {

/// Rings and the pixels in them; masked pixels and those outside are in none. `next` is there where pixels are split.
struct PixelShares : ShareMatrix {
    Axis axis; ///< of the bins, in `unit`
    RadialUnit unit = RadialUnit::q_invA;
};

/// Without a range the axis spans the unmasked pixels: their centres, with bbox and full their extent (as pyFAI has it).
/// Throws DataError for a mask of another shape, for no bins, for a range without pixels, for compat with edges of one's own.
PixelShares share_pixels(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for);

} // namespace sqd
