// Whether the geometry in force still holds: rings of a calibrant, sector by sector, against where they should be.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/calibrants.hpp"

#include <cstddef>
#include <vector>

namespace sqd {

struct CalibrationCheckConfig {
    std::size_t sectors = 36;             ///< of azimuth, per ring
    double half_window_px = 8;            ///< how far from its place a ring is looked for; less where lines are close
    double weakest_intensity = 3;         ///< lines below are left alone; 100 is the strongest of the calibrant
    double fsdp_q_invA = 2.6;             ///< where shifts are judged
    double smallest_relative_q = 1e-4;    ///< shifts that move q there by less do not matter
    double largest_tilt_sigma_rad = 5e-3; ///< the tilt is reported when it is known better than this
};

/// Compares an image of a calibrant with theory. `image` = mean counts per pixel of `frames` frames, of the geometry's shape; NaN and
/// masked pixels take no part. Wavelength and lattice are taken for true: an error of the wavelength looks like one of the distance.
///
/// Positions: find_ring_sectors; shifts: fit_geometry_shift. Rings too close to be told apart (3 px) and those
/// beyond 80 degrees are not used.
/// At a point at distance r from the beam, dq/q = cos^2(theta) cos(2 theta) dr/r - cos^2(theta) cos(2 theta) dL/L.
///
/// Finds shifts up to the window, some pixels. Throws DataError when shapes differ.
CalibrationCheck check_calibration(Image<double> const& image, double frames, Mask const& mask, Geometry const& geometry,
                                   Calibrant const& crystal, CalibrationCheckConfig const& config, ParallelFor const& parallel_for);

} // namespace sqd
