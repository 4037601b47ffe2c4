// The first sharp diffraction peak of every point of a map.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace sqd {

/// Fits each frame by itself: on S(q) or I(q) as `curves.fsdp` was, with the scale, the corrections and the background of the mean, brought
/// to the mean's counts in the window. A point has few counts, so weights and sigma are those of the counts that the mean lets expect, and
/// the fit starts from the mean's peak: no point is favoured by its own noise. The model is the symmetric pseudo-Voigt where that is
/// configured, else the split one. Sigma is of counting in that point alone. Frames with less than 50 counts in the window, and fits that
/// end at a bound of the centre, are NaN. By number of the frame;
/// empty without `curves.fsdp`.
std::vector<std::pair<std::uint64_t, PointPeak>> point_peaks(BinMap const& bins, FrameList const& frames, ReducedCurves const& curves,
                                                             ReductionConfig const& config);

} // namespace sqd
