// By how much a geometry is off, from points of rings whose q is known.
#pragma once

#include "pipeline/core/geometry.hpp"
#include "pipeline/reduce/ring_sectors.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sqd {

/// A point of a ring: where the geometry in force sees it, and the q it has.
struct RingPoint {
    double chi_rad;
    Measured q_invA;
    double q_theory_invA;
};

/// Least squares of q at the points' places on the detector, Gauss-Newton with numerical derivatives; points beyond 5 sigma of the
/// scatter about the fit (1.4826 x median deviation) are left out. Where points scatter more than their sigma, every one has a
/// variance of its own more, the same number of pixels for all, such that chi^2 is that of its degrees of freedom (Paule & Mandel,
/// J. Res. NBS 87, 377 (1982)): at high counts it is grains, not counting, that move a ring. Where they scatter less, the
/// covariance is multiplied by chi^2 per degree of freedom. Where neighbours err together, as on the modules of a detector that lie
/// some tenths of a pixel from where they should, the sandwich over slices of 20 degrees of azimuth is larger (Liang & Zeger,
/// Biometrika 73, 13 (1986), times n / (n - parameters) of n slices) and its sigma is taken. So sigma says what the points scatter, not
/// what they should. Absent when the points do not determine the parameters.
std::optional<GeometryShift> fit_geometry_shift(Geometry const& geometry, std::vector<RingPoint> const& points, bool free_tilt);

} // namespace sqd
