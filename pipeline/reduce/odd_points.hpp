// Points of a scan that something went wrong with, told from the counts of all its frames.
#pragma once

#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <vector>

namespace sqd {

/// Frames in which many more pixels than usual had no valid count: more than the scan's median + 10 + 5 sqrt(median), and more than
/// 1e-5 of the pixels. One pixel that saturates costs only itself; many at once are a strong reflection or an image cut short.
std::vector<bool> saturated_points(BinMap const& bins, FrameList const& frames);

/// Frames in which a bin holds more than expected_counts() explains: a cosmic shower, a reflection that flashes up. A spike is at least a
/// tenth more than that, with a Poisson chance below 1e-3 per scan (Bonferroni); where the bins of a frame scatter more than they count
/// (1.4826 x median deviation), counts are divided by that excess variance before they are judged. Needs eight frames. `untrusted` bins
/// (empty: none) are not judged: what is known of their pixels serves them better.
std::vector<bool> spiked_points(BinMap const& bins, FrameList const& frames, std::vector<bool> const& untrusted);

/// What frames count on the sample and beside it, per unit of norm.
struct CountLevels {
    double on = 0, off = 0;
};

/// Points of a map that the beam hit in part: a neighbour in row or column is off the sample, and the rate is below the sample's by more
/// than a tenth of the difference between the two levels and by more than `sigma` allows (5 of them). `rates`, `off`: one per frame.
std::vector<bool> edge_points(FrameList const& frames, std::vector<double> const& rates, std::vector<bool> const& off,
                              CountLevels const& levels, double sigma, MapGrid const& grid);

} // namespace sqd
