// The first sharp diffraction peak: position, width, and how well they are known.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/peak_window.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A peak, or why there is none: "too_few_points", "no_peak_in_window", "no_convergence", "not_significant",
/// "no_position" (of a parabola or centroid).
struct FsdpOutcome {
    std::optional<Fsdp> peak;
    std::string failure;
};

/// Fits the configured model and the estimators beside it. Starts from the data alone: the same data give the same result.
/// * q1: what the configured estimator says: the centre of the (split) pseudo-Voigt, the top of the parabola, or the centroid
///   (peak_estimates.hpp). fwhm = width_left + width_right, the distance of the half heights for any mixing, height, fit and residual
///   are those of the pseudo-Voigt, the split one beside parabola and centroid.
/// * their sigma: sensitivity to the pattern (fit_peak's response, then CurveErrors) times its errors; NaN with flag "sigma_unknown"
///   where the data have none. Weights are 1 / PeakWindow::smooth_sigma^2; chi2_reduced is with each point's own sigma, without what
///   all points share through a scale.
/// * q1_max: maximum of peak plus line.
/// * q1_sigma_model: half the spread of four estimators: split pseudo-Voigt centre, symmetric pseudo-Voigt centre, parabola, centroid.
///   They estimate different features of one peak: the spread says how much "the position" depends on the definition.
/// * q1_sigma_geometry: the full sample thickness t as error of the distance, q1 cos^2(theta) t / R with R the path to the ring (L / cos
///   2theta on a detector square to the beam: q1 cos^2(theta) cos(2theta) t / L), and that of the wavelength, in quadrature.
/// Flags: "eta_left_at_bound", "width_right_at_bound", ..., "sigma_unknown".
FsdpOutcome fit_fsdp(PeakCurve const& curve, ReductionConfig const& config);

} // namespace sqd
