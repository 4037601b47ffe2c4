// What the sum of a scan's images says of its pixels and of crystals in the beam.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/bragg_watch.hpp"
#include "pipeline/reduce/calibrants.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/ring_pixels.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <span>
#include <utility>
#include <vector>

namespace sqd {

/// What is looked for.
struct WatchConfig {
    bool hot_pixels = true;
    bool bragg_lines = true; ///< needs bins of 0.02 1/A at most
};

/// Mean, Poisson error and dispersion of the pixels of each bin, without the pixels `left_out`, those that were invalid in some frame and
/// dead ones (no count where 30 were expected):
/// rate = sum k / sum n, ratio = sum (k - rate n)^2 / (rate n) / (pixels - 1), with the counts k and the norm n of a pixel.
/// `rings` = ring_pixels(bins).
RingStatistics ring_statistics(BinMap const& bins, PixelSum const& sum, RingPixels const& rings, std::span<HotPixel const> left_out,
                               ParallelFor const& parallel_for);

/// Hot pixels and Bragg lines. A hot pixel whose neighbours are hot, too, is taken for the spot of a crystal: it is left out of the curves
/// as all hot pixels are, and shows in the lines. Where more than 30 and 1e-3 of the pixels would be hot, it is the sample that is uneven
/// (grains, texture): none is left out, flag "hot_pixels_too_many". Nothing is looked for in images of floating-point numbers, whose noise
/// is not known. Bins that are too wide for lines: flag "lines_not_watched:bins".
/// A pixel is hot here only where it moves its bin by more than three times the bin's own error.
Findings find_in_images(BinMap const& bins, PixelSum const& sum, WatchConfig const& config, ParallelFor const& parallel_for);

/// The rings of a calibrant in the mean image.
CalibrationCheck check_calibration(BinMap const& bins, PixelSum const& sum, Calibrant const& crystal, ParallelFor const& parallel_for);

/// Takes hot pixels out of the sums of the `kept` frames of a scan. What a pixel counted is known of the scan as a whole: what its bin,
/// without it, counted in the frames that were not kept is taken to be what expected_counts() says (whenever the pixel was hot),
/// and the counting noise of that is in the variance.
void leave_out(ScanCounts const& scan, FrameList const& kept, std::span<HotPixel const> pixels, BinnedCounts& sums);

/// Ranges of q [1/A] that the lines cover, twice as wide as the bins that stand out: their wings are in the bins beside.
std::vector<std::pair<double, double>> ranges_of(std::vector<BraggLine> const& lines, BinMap const& bins);

} // namespace sqd
