// The hot path: batches of up to 16 frames, tile by tile, into pixel sums and per-frame bin counts.
#pragma once

#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/frame_sums.hpp"
#include "pipeline/reduce/pixel_totals.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// What became of one frame of a batch. `counts` is null when it was not taken; then nothing of it is left in the sums.
struct FrameOutcome {
    std::shared_ptr<FrameCounts> counts;
    std::string reason; ///< "decode" or "invalid_pixels" when not taken
    std::string detail; ///< the sentence for the log
};

/// Sums of one series. All integers: the same for any order, worker count and instruction set.
/// A frame is taken whole or not at all: if one of its tiles fails, the tiles already added are read again and subtracted.
class FrameAccumulator {
public:
    /// A frame with more than `max_invalid_fraction` of its unmasked pixels invalid is rejected ("invalid_pixels").
    explicit FrameAccumulator(std::shared_ptr<BinMap const> bins, double max_invalid_fraction = 0.01, CpuTier tier = best_cpu_tier());
    ~FrameAccumulator();
    FrameAccumulator(FrameAccumulator&&) noexcept;
    FrameAccumulator& operator=(FrameAccumulator&&) noexcept;

    /// Adds up to batch_frames frames whose shape is the map's (assert). exposure_s and monitor of the outcomes are 1: the
    /// caller knows them. Workers of `parallel_for` own tile ranges.
    std::vector<FrameOutcome> add(std::span<Frame const> batch, ParallelFor const& parallel_for);

    BinMap const& bins() const;
    std::shared_ptr<BinMap const> shared_bins() const;
    /// Sum over accepted frames of each pixel's valid counts, row-major.
    PixelTotals const& pixel_totals() const;
    std::vector<std::uint64_t> pixel_sum() const;
    /// Per pixel, in how many accepted frames it was invalid although unmasked; empty = none was.
    std::vector<std::uint32_t> const& invalid_frames() const;
    std::uint64_t frames() const;
    /// Copies the sums; memory that `out` has is used again.
    void copy(FrameSums& out, ParallelFor const& parallel_for) const;
    /// Takes the sums of an earlier accumulator on the same bins, in place of none (assert: nothing was added yet, and there are as many
    /// pixels).
    void restore(FrameSums const& sums);

private:
    struct Sums;
    std::unique_ptr<Sums> sums_;
};

} // namespace sqd
