// Counters that are blind for a while after each photon: what they would have counted otherwise.
#pragma once

#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/scan_counts.hpp"

namespace sqd {

/// Of one pixel.
struct DeadTime {
    double seconds = 0;           ///< tau
    bool detector_silent = false; ///< it did not say whether it corrects by itself
};

/// From this part of the time on a pixel is blind for so long that its counts hardly tell its rate: what it counts more is corrected as
/// here.
inline constexpr double largest_blind_part = 0.5;

/// Non-paralysable: of photons at the true rate n a pixel counts m = n / (1 + n tau), so that n = m / (1 - m tau) (Knoll, Radiation
/// Detection and Measurement, ch. 4). The counts of a frame scatter by sqrt(counts) (1 - m tau) (Mueller, Nucl. Instrum. Meth. 112, 47
/// (1973)), the true ones therefore by sqrt(counts) / (1 - m tau): the factor of the counts is that of their sigma, too.
///
/// Replaces counts and variance by the true ones, frame by frame and bin by bin, with the mean rate of the bin's pixels. That neglects,
/// relative, m tau times the relative variance of the rate among these pixels. `frames` are those in `sums`. Returns true where a bin was
/// blind for largest_blind_part of the time or longer.
bool undo_dead_time(BinnedCounts& sums, BinMap const& bins, FrameList const& frames, double tau_s);

/// What became of a sum of images.
enum class DeadTimeUndone { yes, saturated, withheld };

/// The same for the sum of images, pixel by pixel, with the mean rate over all frames. That neglects, relative, m tau times the relative
/// variance of the rate among the frames. The frames' counts per bin bound the latter (3 sigma of counting above what they scatter): where
/// the product is above 1e-4 for any pixel the sum stays as it is (withheld).
DeadTimeUndone undo_dead_time(PixelSum& sum, BinMap const& bins, FrameList const& frames, double tau_s);

} // namespace sqd
