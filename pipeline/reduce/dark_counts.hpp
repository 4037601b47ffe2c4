// What the detector counts without beam, and how much of that is in a scan's counts.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// A finished scan without beam. Its counts go with exposure alone: no monitor counts for it. Their dead time is neglected.
struct DarkScan {
    std::string uid;
    std::shared_ptr<BinMap const> bins;
    std::vector<double> counts;             ///< per bin
    std::vector<double> pixel_seconds;      ///< per bin: sum over frames of exposure x valid pixels
    std::shared_ptr<PixelSum const> pixels; ///< may be null
};

/// The same dark without these pixels, where its own are known.
DarkScan without_pixels(DarkScan dark, std::span<HotPixel const> pixels);

/// Sets the dark counts of sums that saw `exposed` pixel seconds in every bin: D r, with variance D r^2, D the counts of the dark and r the
/// ratio of pixel seconds. Not a number where the dark saw nothing.
void set_dark(BinnedCounts& sums, std::vector<double> const& exposed, DarkScan const& dark);

/// The same for the sum of images, pixel by pixel.
void set_dark(PixelSum& sum, PixelSum const& dark);

} // namespace sqd
