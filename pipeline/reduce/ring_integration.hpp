// From the sum of all images to a pattern, where bins need to know their pixels: splitting, azimuthal errors, outliers.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/ring_sums.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sqd {

/// The pixels' shares in the bins of a map, worked out once per series.
struct RingBins {
    IntegrationConfig config;
    Mask mask;
    PixelShares shares;
    std::vector<float> optics;        ///< pixel_norm()
    std::vector<double> polarization; ///< mean P of each bin; empty without polarisation correction
};

/// `axis` = that of the series' bin map: both give patterns on the same bins. With compat pyFAI's own axis for this splitting.
RingBins ring_bins(Geometry const& geometry, Mask const& mask, Axis const& axis, IntegrationConfig const& config,
                   std::optional<Sensor> const& sensor, double energy_keV, ParallelFor const& parallel_for);

/// The sum of a scan's images.
struct PixelSum {
    std::vector<double> counts;                ///< valid counts of each pixel
    std::vector<std::uint32_t> invalid_frames; ///< of each pixel; empty = none
    double frames = 0;
    double weight = 0;                 ///< sum over frames of exposure x monitor; a pixel that was invalid in some has its part of it
    double exposure_s = 0;             ///< sum over frames; a pixel that was invalid in some has its part of it
    std::vector<double> variance = {}; ///< of the counts, where that is not Poisson's; empty = it is
    std::vector<double> dark = {}, dark_variance = {}; ///< to be subtracted, and its variance; empty = nothing
};

/// The pattern of the sum and what it was made of. Poisson variance is that of the summed counts of a pixel and of its dark counts,
/// and of a bin at least one count (with compat: of the counts alone, at least one per pixel).
RingPattern integrate_rings(RingBins const& bins, PixelSum const& sum);

/// As a pattern of the recipe: `sigma` is the standard error.
Pattern1D to_pattern(RingPattern const& rings, Geometry const& geometry, std::vector<double> const& polarization);

} // namespace sqd
