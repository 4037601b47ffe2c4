// The points of a curve about its first sharp diffraction peak.
#pragma once

#include "pipeline/core/curve_errors.hpp"
#include "pipeline/reduce/peak_fit.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// What the peak is on: any curve over q, and how its errors hang on the pattern (sigma may be NaN or 0: then they are not known).
struct PeakCurve {
    std::vector<double> const& q_invA;
    std::vector<double> const& y;
    CurveErrors const& errors;
    std::string on; ///< "sq" or "pattern"
};

/// Points of the window that have a value. q counts from its middle, so that line and peak do not correlate more than they must.
struct PeakWindow {
    double low = 0, high = 0, middle = 0;
    std::vector<std::size_t> point; ///< of the curve
    std::vector<double> q, y;
    std::vector<double> sigma; ///< of the point's own intensity; empty = not known
    /// That weights are made of: root of the mean variance of up to eleven neighbours. With its own variance a point that counted
    /// too little by chance would weigh more, and fits would be biased low.
    std::vector<double> smooth_sigma;
    PeakData data() const { return {q, y, smooth_sigma}; }
};

/// Cuts [low, high] out of the curve, less the ranges `left_out`.
PeakWindow peak_window(PeakCurve const& curve, double low, double high, std::vector<std::pair<double, double>> const& left_out);

/// Where parameters of the peak may be: the centre inside, widths from a point to the window's, mixings from 0 to 1, a peak upwards.
PeakBounds peak_bounds(PeakWindow const& window);

/// A guess to begin a fit with, from the data alone. The window has five points and more.
PeakParameters starting_peak(PeakWindow const& window);

/// Highest point of the mean over five neighbours. The window has five points and more.
std::size_t top_of(std::vector<double> const& y);

/// Mean of `count` values from `first` on.
double mean_of(std::vector<double> const& y, std::size_t first, std::size_t count);

/// Points about `top` whose neighbours' mean stays above `level`: [first, last].
std::pair<std::size_t, std::size_t> points_above(std::vector<double> const& y, std::size_t top, double level);

} // namespace sqd
