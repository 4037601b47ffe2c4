// What is put right in the counts themselves, before they are divided by their norm.
#pragma once

#include "pipeline/reduce/dark_counts.hpp"
#include "pipeline/reduce/dead_time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Nothing by default.
struct CountCorrections {
    std::optional<DeadTime> dead_time;
    DarkScan const* dark = nullptr; ///< on the same bins, with splitting and the like of the same pixels
};

/// Sums over the given frames with dead time undone and dark counts told. May add "dead_time_saturated" to the flags.
BinnedCounts corrected_sums(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames,
                            CountCorrections const& corrections, std::vector<std::string>& flags);

/// The same for the sum of the images of these frames. May add "dead_time_saturated" or "dead_time_withheld".
PixelSum corrected_pixels(PixelSum sum, BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames,
                          CountCorrections const& corrections, std::vector<std::string>& flags);

} // namespace sqd
