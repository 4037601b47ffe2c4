// Which points of a map count: a pure function of all per-frame counts, with a reason per point.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace sqd {

struct SelectionConfig {
    bool off_sample = true;                               ///< only maps are searched: the caller switches it off otherwise
    std::pair<double, double> signal_window_invA{0, 1e9}; ///< where the sample outshines the air; whole range by default
};

/// The frames kept, in the order given, and the others with their reason.
struct Selection {
    std::vector<std::shared_ptr<FrameCounts const>> kept;
    std::vector<RejectedFrame> rejected;
};

/// A point is off the sample when its counts in the window, per monitor and second, are nearer to those of the air than to those
/// of the sample (the upper quartile). `air` = background pattern sums on the same bins, if known; without it half the sample's
/// level decides. Nothing is rejected as "off_sample" when the two levels differ by less than 8 sigma of one point. A frame without
/// monitor or exposure has no norm and is always rejected ("no_monitor").
Selection select_points(ScanCounts const& scan, SelectionConfig const& config, BinnedCounts const* air);

/// Sums over the given frames.
BinnedCounts sum_frames(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames);

} // namespace sqd
