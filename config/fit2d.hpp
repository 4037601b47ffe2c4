// FIT2D's description of where a detector stands, to PONI and back.
#pragma once

#include "pipeline/core/geometry.hpp"

#include <optional>

namespace sqd {

/// The detector as FIT2D and pyFAI's setFit2D describe it (A. P. Hammersley et al., High Press. Res. 14, 235 (1996)).
struct Fit2dGeometry {
    double distance_mm = 0;                  ///< directDist: along the beam to the detector's plane, which may be extended
    double center_x_px = 0, center_y_px = 0; ///< where the beam meets it, along rows and columns; 0.5 = centre of the first pixel
    double tilt_deg = 0;                     ///< between the beam and the normal of the detector, below 90
    double tilt_plan_rotation_deg = 0;       ///< tiltPlanRotation: 0: tilted about the vertical, 90: about the horizontal
};

/// `g` with the six PONI parameters of `f`; uses the pixel sizes of `g`. With D the distance along the beam, t the tilt, a the rotation
/// of its plane (signs of rot1 and rot2 as in Geometry):
///   distance = D cos t                poni1 = y pixel1 - D sin t sin a       poni2 = x pixel2 - D sin t cos a
///   sin rot2 = sin t sin a            tan rot1 = -sin t cos a / cos t        sin rot3 = sin a cos a (cos t - 1) / cos rot2
/// rot3 undoes the turn about the beam that rot1 and rot2 make together: the detector is tilted, not turned. (pyFAI 0.21 divides by another
/// root there; the scattering angle does not depend on rot3.)
Geometry with_fit2d(Geometry g, Fit2dGeometry const& f);

/// The inverse; rot3, which FIT2D does not have, is left out. Tilt from 0, rotation in ]-180, 180], 0 without tilt. Pixels are counted from
/// where the orientation counts from. nullopt where the beam does not meet the plane of the detector.
std::optional<Fit2dGeometry> fit2d_of(Geometry const& g);
/// The same with the centre as row and column of the image, whatever the orientation.
std::optional<Fit2dGeometry> fit2d_on_image(Geometry const& g);

} // namespace sqd
