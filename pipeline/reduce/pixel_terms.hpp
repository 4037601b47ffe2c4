// What every pixel of an image brings into the sums of its bins.
#pragma once

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/integration_config.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sqd {

/// Per pixel. norm > 0 and finite where the pixel takes part, else 0.
struct PixelTerms {
    std::vector<double> signal, variance;
    std::vector<double> norm;
};

/// An image that was measured under the same conditions without the beam, per frame as the image is.
struct DarkImage {
    std::span<double const> signal;
    std::span<double const> variance; ///< of `signal`; may be empty: taken as known exactly
};

/// Everything that turns counts into terms. Spans have the image's size or are empty.
struct PixelCorrections {
    std::span<float const> optics; ///< pixel_norm()
    std::span<double const> flat;  ///< response relative to 1; 0 or not a number excludes the pixel
    std::optional<DarkImage> dark;
    double normalization = 1;   ///< monitor x exposure x frames
    bool pyfai_float32 = false; ///< pyFAI's rounding: data, dark and norm in float32
};

/// Signal = counts - dark; norm = normalization x flat x optics; Poisson variance = max(1, counts) + variance of the dark, per pixel of the
/// image as it is: give the summed counts, not their mean. Pixels that are masked or not finite get norm 0.
PixelTerms pixel_terms(std::span<double const> counts, Mask const& mask, PixelCorrections const& corrections);

/// Solid angle x polarisation x efficiency x transmission of every pixel (pixel_optics.hpp); float32 factors multiplied in pyFAI's order
/// with compat.
std::vector<float> pixel_norm(Geometry const& geometry, IntegrationConfig const& config, std::optional<Sensor> const& sensor,
                              double energy_keV, ParallelFor const& parallel_for);

} // namespace sqd
