// From the sum of all images to a pattern, where bins need to know their pixels: splitting, azimuthal errors, outliers.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/core/findings.hpp"
#include "pipeline/core/large_memory.hpp"
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
    std::size_t cols = 0;             ///< of the image
    PixelShares shares;               ///< without masked pixels
    LargeArray<float> optics;         ///< pixel_norm()
    std::vector<double> polarization; ///< mean P of each bin; empty without polarisation correction
};

/// `axis` = that of the series' bin map: both give patterns on the same bins. With compat pyFAI's own axis for this splitting.
RingBins ring_bins(Geometry const& geometry, Mask const& mask, Axis const& axis, IntegrationConfig const& config,
                   std::optional<Sensor> const& sensor, double energy_keV, ParallelFor const& parallel_for);

/// The sum of a scan's images.
struct PixelSum {
    LargeArray<double> counts;                ///< valid counts of each pixel
    LargeArray<std::uint32_t> invalid_frames; ///< of each pixel; empty = none
    double frames = 0;
    double weight = 0;                ///< sum over frames of exposure x monitor; a pixel that was invalid in some has its part of it
    double exposure_s = 0;            ///< sum over frames; a pixel that was invalid in some has its part of it
    bool integers = true;             ///< photon counts; false: images of floating-point numbers, whose noise is not known
    LargeArray<double> variance = {}; ///< of the counts, where that is not Poisson's; empty = it is
    LargeArray<double> dark = {}, dark_variance = {}; ///< to be subtracted, and its variance; empty = nothing
};

/// What the pixels of a sum bring into bins that have no masked pixels, by optics and flat of `corrections`; those `left_out` bring
/// nothing. Without compat a pixel's Poisson variance is its summed counts, and with a dark image what that adds; pyFAI 0.21.3 leaves that
/// out. Refers to the sum and to what the corrections refer to.
PixelTerms summed_terms(PixelCorrections corrections, std::size_t cols, PixelSum const& sum, std::span<HotPixel const> left_out);

/// Raises variances so that no bin is surer of its emptiness than one count. `weighted_norm` = sums of norm as they are without
/// Average::unweighted.
void at_least_one_count(std::span<double const> weighted_norm, RingSums& sums);

/// What the bins' own norm is made of, to begin with.
PixelCorrections corrections_of(RingBins const& bins);

/// The pattern of the sum, without the pixels `left_out`, and what it was made of. Poisson variance is that of the summed counts of a
/// pixel and of its dark counts, and of a bin at least one count (with compat: of the counts alone, at least one per pixel).
/// The same for any number of workers.
RingPattern integrate_rings(RingBins const& bins, PixelSum const& sum, std::span<HotPixel const> left_out, ParallelFor const& parallel_for);

/// As a pattern of the recipe: `sigma` is the standard error.
Pattern1D to_pattern(RingPattern const& rings, Geometry const& geometry, std::vector<double> const& polarization);

} // namespace sqd
