// What is put right in the counts themselves, before they are divided by their norm.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/reduce/dark_counts.hpp"
#include "pipeline/reduce/dead_time.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// Nothing by default.
struct CountCorrections {
    std::optional<DeadTime> dead_time;
    DarkScan const* dark = nullptr; ///< on the same bins, with splitting and the like of the same pixels
};

/// Sums over the `kept` frames of a scan, with dead time undone, without the pixels left out, and dark counts told. May add
/// "dead_time_saturated" to the flags.
BinnedCounts corrected_sums(ScanCounts const& scan, FrameList const& kept, std::span<HotPixel const> left_out_pixels,
                            CountCorrections const& corrections, std::vector<std::string>& flags);

/// Dead time and dark of the sum of the images of these frames. May add "dead_time_saturated" or "dead_time_withheld".
PixelSum corrected_pixels(PixelSum sum, BinMap const& bins, FrameList const& frames, CountCorrections const& corrections,
                          std::vector<std::string>& flags);

} // namespace sqd
