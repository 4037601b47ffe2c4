// The virtual glass before a detector: mean counts of every pixel, integrated over the pixel's area.
#pragma once

#include "daemon/simulate/glass_beam.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"

namespace sqd::simulated {

/// Mean counts per incident photon; NaN where `dead` is non-zero.
struct ExpectedImages {
    Image<double> sample;     ///< with the sample in the beam
    Image<double> background; ///< beside it: air alone
};

/// Largest q that a corner of the detector sees [1/A].
double largest_q_invA(Geometry const& geometry, double wavelength_A);

/// Where the direct beam meets the detector plane, in pixels from the image's corner; may lie outside the image.
struct DirectBeam {
    double row, col;
};
DirectBeam direct_beam(Geometry const& geometry);

/// Integrates over each pixel by 3 x 3 Gauss-Legendre points: solid angle x [ P eta(E) coherent + KN eta(E') Compton + lines ].
/// P = [1 + cos^2 2t - f cos(2 chi) sin^2 2t] / 2 (Kahn et al. 1982); KN = e^2 [(e + 1/e)/2 - 1 + P], e = E'/E: Klein & Nishina (1929)
/// for the same polarisation. eta(E) = 1 - exp(-mu(E) d / cos alpha). Rows are shared by `threads` threads.
ExpectedImages expected_images(GlassScattering const& glass, double polarization_factor, Geometry const& geometry, Mask const& dead,
                               unsigned threads);

} // namespace sqd::simulated
