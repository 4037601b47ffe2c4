// S(q) and G(r) of two results, point by point and as a whole.
#pragma once

#include "pipeline/core/comparison.hpp"

namespace sqd {

/// What the curves of two results have in common or not.
struct Circumstances {
    bool one_background = false; ///< whose errors cancel
    double wavelength_A = 0;
    double q1_invA = 0;           ///< where `geometry_relative` is meant
    double geometry_relative = 0; ///< error of the ratio of both scales of q; 0 = none, NaN = not known
};

/// S_b - S_a on the same axis. `sigma` has all that counting does to a point. In `chi2` what all points share through a scale that was
/// found from the same data (StructureFactor::errors) is projected out, with its degree of freedom, and neighbours correlate as their
/// bins do; results whose errors are known as sigma alone have independent points. The mount moves S by q S'(q) dq/q, dq/q being
/// proportional to cos^2(theta) cos(2 theta): one more error of known size (Sherman & Morrison 1950).
CurveDifference compare_s(StructureFactor const& a, StructureFactor const& b, Circumstances const& how);

/// G_b - G_a on the same axis. `chi2` is of points every pi / q_max beyond the low-r cut (beyond 1 A without one). Noise of S(q) makes
/// them correlate all the same, through the window for one: with rho from its power q^2 M^2 var S, chi2 has n^2 / sum rho^2 degrees of
/// freedom (Satterthwaite 1946) and is scaled to them. `s` is the difference of S that belongs to it. The mount moves G by
/// (r G' - G) dq/q where the density fixes the scale of S, by (r G' + 2 G) dq/q where high q does.
CurveDifference compare_g(PairDistribution const& a, PairDistribution const& b, StructureFactor const& s_a, StructureFactor const& s_b,
                          Circumstances const& how);

} // namespace sqd
