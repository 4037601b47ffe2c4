// The inner loops of unpacking a tile, once per instruction set.
#pragma once

#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/pixel_format.hpp"
#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sqd {

/// One bit per pixel of a tile.
using TileBits = std::array<std::uint64_t, tile_words>;

/// What the planes of a tile tell of its pixels before any of them is put together.
struct PlaneSurvey {
    TileBits top{}; ///< the highest plane: sentinels, or huge counts
    bool any_top = false;
    bool needs_second = false;    ///< a pixel outside `top` has a bit in its second byte
    bool needs_upper = false;     ///< a pixel outside `top` has a bit in its third or fourth byte
    bool top_lacks_a_bit = false; ///< a pixel of `top` lacks one of the bits but the lowest: it is no sentinel
};

/// Same results to the bit in all tiers.
struct PlaneKernels {
    /// Of the planes of tile_pixels pixels of `bytes` (1, 2, 4) bytes each.
    PlaneSurvey (*survey)(PlaneView planes, unsigned bytes);
    /// The `bytes` (1, 2, 4) lowest bytes of every pixel, as integers of that size; pixels whose bit is not set in `keep` become 0.
    void (*unshuffle)(PlaneView planes, unsigned bytes, TileBits const& keep, std::byte* out);
    /// fill_tile() of a whole tile.
    void (*fill)(std::byte const* pixels, PixelFormat const& format, Tile& out);
};

PlaneKernels const& plane_kernels(CpuTier tier);

} // namespace sqd
