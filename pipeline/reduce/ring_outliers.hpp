// Averages along the ring that do not follow a few pixels: sigma clipping and quantiles.
#pragma once

#include "pipeline/reduce/ring_sums.hpp"

#include <cstddef>
#include <vector>

namespace sqd {

/// The sums of what is left, and the pixels that are not.
struct ClippedRings {
    RingSums sums;
    std::vector<std::size_t> rejected; ///< ascending
};

/// Pixels farther from their ring's mean than `threshold` standard deviations, at least Chauvenet's sqrt(2 ln(n / sqrt(2 pi))), are left
/// out, and the mean is taken again (sigma_clip_ng of pyFAI, Boesecke & Kieffer): all bins are clipped in step, a pixel is out of all its
/// bins at once, so the result depends on no order. With `pyfai_0_21` bin after bin as that version does on one thread, with its standard
/// deviation.
ClippedRings clip_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, Outliers const& clip, bool pyfai_0_21,
                        ParallelFor const& parallel_for);

/// Mean of the pixels of each ring between two quantiles of signal / norm, 0 <= low <= high <= 1 (both 0.5: the median), each pixel
/// weighing its norm (medfilt1d_ng of pyFAI). The variance is such that
/// sqrt(variance) / norm is the error of that mean: from the whole ring's by the error model (hybrid: Poisson), and what the quantiles make
/// of it (trimmed_mean.hpp); the counts of the one or two pixels at a median would say nothing.
RingSums quantile_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, double low, double high,
                        ParallelFor const& parallel_for);

} // namespace sqd
