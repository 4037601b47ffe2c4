// The integer sums of a series, to be written down and gone on from.
#pragma once

#include "pipeline/core/large_memory.hpp"

#include <cstdint>

namespace sqd {

/// A copy of what a FrameAccumulator has summed. Integers: who goes on from them has the sums of one who never stopped.
struct FrameSums {
    UnsetArray<std::uint64_t> pixels;         ///< summed counts of each
    LargeArray<std::uint32_t> invalid_frames; ///< of each; empty = none was invalid
    std::uint64_t frames = 0;
};

} // namespace sqd
