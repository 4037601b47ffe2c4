// The sum of a scan's images as a pattern resolved in azimuth: the cake.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_integration.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// The azimuthal side of a cake, worked out once per series. The radial one is the pattern's.
struct CakeBins {
    Axis chi_deg;
    double chi_low_rad = 0, chi_high_rad = 0; ///< its ends
    std::vector<std::uint16_t> azimuth;       ///< per pixel, chi_deg.size() = takes no part; empty where pixels are split
};

/// config.cake must be there. Throws DataError for no or more azimuthal bins than 16 bits number, for a range that is empty or more than
/// a turn, and for compat with split: full, which pyFAI 0.21.3 has not by area.
CakeBins cake_bins(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for);

/// Of the pixels that the pattern is made of, without those `left_out`, each split as for the pattern, in radius and azimuth: I = sum of
/// signal over sum of norm per cell, Poisson errors whatever the error model, no search for outliers. BinMap::cake must be there. Where
/// pixels are not split a cake costs a walk through the sum, else as much as share_pixels() on one thread: shares in cells are not kept.
Cake integrate_cake(BinMap const& bins, PixelSum const& sum, std::span<HotPixel const> left_out = {});

} // namespace sqd
