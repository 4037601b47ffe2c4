// The first sharp diffraction peak: position, width, and how well they are known.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What the peak is fitted to: any curve over q. `sigma` may be empty or hold NaN or 0: then the fit has weight 1 and no errors.
struct PeakCurve {
    std::vector<double> const& q_invA;
    std::vector<double> const& y;
    std::vector<double> const& sigma;
    char const* on;                       ///< "sq" or "pattern"
    std::vector<double> correlation = {}; ///< of neighbours' errors, as Pattern1D::correlation
};

/// A peak, or why there is none: "too_few_points", "no_peak_in_window", "no_convergence", "not_significant".
struct FsdpOutcome {
    std::optional<Fsdp> peak;
    std::string failure;
};

/// Fits the configured model and the estimators beside it. Starts from the data alone: the same data give the same result.
/// * q1, fwhm, height and their sigma: from the peak component; sigma by the sandwich of fit_peak, NaN with flag "sigma_unknown"
///   where the data have none.
/// * q1_max: maximum of peak plus line. fwhm: width_left + width_right, the distance of the half heights for any mixing.
/// * q1_parabola: top of the parabola through the points above the upper 15 % of the curve's height over zero, contiguous about
///   the highest point. q1_centroid: centroid of the area above half of that height (or above the higher edge of the window, if the
///   curve does not fall so low), again contiguous.
/// * q1_sigma_model: half the spread of four estimators: split pseudo-Voigt centre, symmetric pseudo-Voigt centre, parabola, centroid.
///   They estimate different features of one peak: the spread says how much "the position" depends on the definition.
/// * q1_sigma_geometry = q1 cos^2(theta) cos(2 theta) t / L with the full sample thickness t: dq/q = -(dL/L) cos^2(theta) cos(2theta).
/// Flags: "eta_left_at_bound", "width_right_at_bound", ..., "sigma_unknown".
FsdpOutcome fit_fsdp(PeakCurve const& curve, ReductionConfig const& config);

} // namespace sqd
