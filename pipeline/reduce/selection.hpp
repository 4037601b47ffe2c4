// Which points of a map count: a pure function of all per-frame counts, with a reason per point.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/core/results.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/odd_points.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sqd {

struct SelectionConfig {
    bool off_sample = true;                               ///< only maps are searched: the caller switches it off otherwise
    std::pair<double, double> signal_window_invA{0, 1e9}; ///< where the sample outshines the air; whole range by default
    std::optional<MapGrid> grid = std::nullopt;           ///< of a map: its edge is looked for
    bool odd_points = true;                               ///< look for saturated points and spikes
};

/// The frames kept, in the order given, and the others with their reason.
struct Selection {
    FrameList kept;
    std::vector<RejectedFrame> rejected;
    std::vector<std::string> flags; ///< "saturated_in_many_points", "spike_in_many_points": nothing was rejected for that reason
};

/// A point is off the sample when its counts in the window, per monitor and second, are nearer to those of the air than to those
/// of the sample (the upper quartile). `air` = background pattern sums on the same bins, if known; without it half the sample's
/// level decides. Nothing is rejected as "off_sample" when the two levels differ by less than 8 sigma of one point. A frame without
/// monitor or exposure has no norm and is always rejected ("no_monitor"). Of what is left, points on the sample's edge ("edge"), with many
/// saturated pixels ("saturated") or with a spike ("spike") go; see odd_points.hpp. The last two stay where they are more than a tenth of
/// the points: then it is the sample that does it, and a flag says so.
/// A spike in a bin that has a hot pixel is that pixel's, which is left out of the sums, and no reason to reject the point.
Selection select_points(ScanCounts const& scan, SelectionConfig const& config, BinnedCounts const* air,
                        std::span<HotPixel const> hot_pixels = {});

/// Sums over the given frames.
BinnedCounts sum_frames(BinMap const& bins, FrameList const& frames);

} // namespace sqd
