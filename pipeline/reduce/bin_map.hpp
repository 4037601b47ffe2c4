// The geometry of a series, worked out once: which bin each pixel falls in, and how much it would see of a unit scatterer.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/large_memory.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/integration_config.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sqd {

struct RingBins; // pipeline/reduce/ring_integration.hpp
struct CakeBins; // pipeline/reduce/cake.hpp

/// Static per geometry, mask and beam energy.
struct BinMap {
    Geometry geometry;
    RadialUnit unit = RadialUnit::q_invA;
    Axis axis;                         ///< in `unit`
    std::vector<double> q_invA;        ///< bin centres in 1/A
    std::vector<std::uint16_t> bin;    ///< per pixel, padded to whole tiles; axis.size() = takes no part
    LargeArray<float> norm;            ///< per pixel: optics (pixel_optics.hpp) x flat field; 0 where it takes no part
    std::vector<std::uint64_t> masked; ///< one bit per pixel, tile_words words per tile; padding is masked
    std::vector<double> bin_norm;      ///< sum of norm per bin, in pixel order
    std::vector<std::uint32_t> bin_pixels;
    std::vector<double> bin_polarization;  ///< sum(norm) / sum(norm / P) per bin; empty without polarisation correction
    std::size_t masked_pixels = 0;         ///< by the mask alone
    std::shared_ptr<FlatField const> flat; ///< that is in `norm`; null = none
    std::shared_ptr<RingBins const> rings; ///< where config.needs_pixels()
    std::shared_ptr<CakeBins const> cake;  ///< where config.cake
    std::size_t pixels() const { return geometry.rows * geometry.cols; }
};

/// Bin centres in 1/A. A radius on the detector is taken for one at the PONI's distance, which a tilt makes approximate.
std::vector<double> centres_invA(Axis const& axis, RadialUnit unit, Geometry const& geometry);

/// Builds the map. `energy_keV` serves what attenuates (xraylib).
/// Throws DataError when the shape of mask or flat field differs, npt is 0 or above 65534, or no pixel is left in the range.
BinMap build_bin_map(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, std::optional<Sensor> const& sensor,
                     double energy_keV, ParallelFor const& parallel_for);

} // namespace sqd
