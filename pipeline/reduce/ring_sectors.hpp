// Where powder rings lie on an image, sector of azimuth by sector.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"

#include <cstddef>
#include <vector>

namespace sqd {

/// A ring to look for: its place and how far from it, both sides.
struct RingWindow {
    double q_invA;
    double half_width_px;
};

/// The ring in one sector, as the geometry in force sees it; sigma from counting.
struct RingSector {
    std::size_t ring; ///< index of the window
    double chi_rad;   ///< mean azimuth of the sector's pixels
    Measured q_invA;
};

/// How far q moves from one pixel to the next along the radius, without tilt [1/A]: 2 pi/lambda cos(theta) cos^2(2 theta) p/L.
double q_per_pixel(Geometry const& geometry, double q_invA);

/// The sectors in which a ring stands out, ring by ring, chi ascending. `image` = mean counts per pixel of `frames` frames; NaN and
/// masked pixels take no part. Windows must not overlap, q ascending (assert).
///
/// A pseudo-Voigt on a line is fitted to the pixels of a sector themselves (no bins, so gaps cost counts but do not bias), first with
/// equal weights, then with the counting noise of that fit. A pixel shows the mean over its area, which pulls a ring of radius r
/// inwards by p^2 / 24 r; that is put back. Sectors whose fit does not converge, whose peak is below 5 sigma, or which lack pixels
/// on one flank (gaps, edges of the detector) are left out.
/// Throws DataError when image, mask and geometry differ in shape.
std::vector<RingSector> find_ring_sectors(Image<double> const& image, double frames, Mask const& mask, Geometry const& geometry,
                                          std::vector<RingWindow> const& rings, std::size_t sectors, ParallelFor const& parallel_for);

} // namespace sqd
