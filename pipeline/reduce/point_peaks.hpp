// The first sharp diffraction peak of every point of a map.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/peak_fit.hpp"
#include "pipeline/reduce/peak_window.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sqd {

/// The mean's peak, and what turns a point's intensity into its curve: y = y_mean + direct (I_point - I_mean).
struct MeanPeak {
    PeakWindow window;
    std::vector<std::size_t> bin; ///< of the window's points
    std::vector<double> direct;
    PeakFit fit;
    PeakModel model;
};

/// On S(q) or I(q) as `curves.fsdp` was, which is there (assert).
MeanPeak mean_peak(ReducedCurves const& curves, ReductionConfig const& config);

/// Fits a point by itself: with the scale, the corrections and the background of the mean, brought to the mean's counts in the window. A
/// point has few counts, so weights and sigma are those of the counts that the mean lets expect, and the fit starts from the mean's peak:
/// no point is favoured by its own noise. The model is the symmetric pseudo-Voigt where that is configured, else the split one. Sigma is of
/// counting in that point alone. NaN of a point with less than 50 counts in the window, and where the fit ends at a bound of the centre.
/// `intensity` is the mean's pattern.
PointPeak peak_of_point(MeanPeak const& mean, FrameCounts const& frame, BinMap const& bins, std::vector<double> const& intensity);

/// That of every frame, by its number; empty without `curves.fsdp`.
std::vector<std::pair<std::uint64_t, PointPeak>> point_peaks(BinMap const& bins, FrameList const& frames, ReducedCurves const& curves,
                                                             ReductionConfig const& config);

} // namespace sqd
