// What a detector sees: range of the radial coordinate, and how much of each ring.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"

#include <utility>

namespace sqd {

/// A radial coordinate as q [1/A]; r_mm as on a detector across the beam at the PONI distance.
double q_of_radial(double value, RadialUnit unit, Geometry const& geometry);

/// Smallest and largest value of the radial coordinate on the detector, edges of the outer pixels included.
std::pair<double, double> reachable_range(Geometry const& geometry, RadialUnit unit);

/// Fraction of the full ring at q that falls on unmasked pixels, from `samples` equally spaced azimuths.
double ring_cover(Geometry const& geometry, Mask const& mask, double q_invA, int samples = 7200);

} // namespace sqd
