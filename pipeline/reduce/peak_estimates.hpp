// Where a peak is, without a model of its shape.
#pragma once

#include "pipeline/reduce/peak_window.hpp"

#include <vector>

namespace sqd {

/// Top [1/A] of the parabola through the highest points, by least squares. The fitted peak says which these are - noise would choose
/// among the data - and smoothly, so that noise of the fit moves it smoothly: the weight rises from 0 to 1 where the fit rises from 80
/// to 90 % of its height over zero. NaN where fewer than five points have weight or it does not open downwards inside of the window.
double parabola_position(PeakWindow const& window, PeakParameters const& fit);

/// Centroid [1/A] of the area between the curve, joined by straight pieces, and half of its height (or the higher edge of the window, if
/// the curve does not fall so low), contiguous about the highest point. NaN where there is no such area.
double centroid_position(PeakWindow const& window, std::size_t top);

/// d position / d y of every point of the window; of the parabola with what the fit itself hangs on.
std::vector<double> parabola_response(PeakWindow const& window, PeakFit const& fit);
std::vector<double> centroid_response(PeakWindow const& window, std::size_t top);

} // namespace sqd
