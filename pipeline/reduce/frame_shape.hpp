// What a frame should have counted in each bin, by its other bins and by the scan it belongs to.
#pragma once

#include "pipeline/reduce/scan_counts.hpp"

#include <vector>

namespace sqd {

/// Counts of all frames, per bin.
std::vector<double> scan_shape(BinMap const& bins, FrameList const& frames);

/// Expected counts of a frame in bin b: those of the ten bins on each side, times the ratio that the scan as a whole has between b and
/// them. So another thickness or another flux is no surprise, a single bin is. What the frame had no valid pixels for is taken into
/// account. `shape`: of the scan, by value. Bins that are `untrusted` (empty: none is) are nobody's neighbours.
std::vector<double> expected_counts(BinMap const& bins, FrameCounts const& frame, std::vector<double> shape,
                                    std::vector<bool> const& untrusted);

} // namespace sqd
