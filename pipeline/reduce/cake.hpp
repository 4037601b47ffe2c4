// The sum of a scan's images as a pattern resolved in azimuth: the cake.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_integration.hpp"

#include <span>

namespace sqd {

/// The cells of a cake, worked out once per series. The radial axis is the pattern's.
struct CakeBins {
    Axis chi_deg;
    ShareMatrix cells; ///< a row of radial bins per azimuth
};

/// Of the pixels of `bins`' pattern, each split as for the pattern, in radius and azimuth. config.cake must be there. Throws DataError for
/// no or more azimuthal bins than 16 bits number, for a range that is empty or more than a turn, and for compat with split: full, which
/// pyFAI 0.21.3 has not by area.
CakeBins cake_bins(BinMap const& bins, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for);

/// Without the pixels `left_out`: I = sum of signal over sum of norm per cell, Poisson errors whatever the error model, no search for
/// outliers. BinMap::cake must be there. The same for any number of workers.
Cake integrate_cake(BinMap const& bins, PixelSum const& sum, std::span<HotPixel const> left_out, ParallelFor const& parallel_for);

} // namespace sqd
