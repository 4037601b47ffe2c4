// Frames whose counts are added up to one point: what a scan does that has more frames than points are kept.
#pragma once

#include "pipeline/reduce/scan_counts.hpp"

#include <cstddef>

namespace sqd {

/// The frames of both as one point. Counts, exposures, monitors and numbers of all frames are kept as they are, so that the sums over a
/// scan are the same to the last bit whichever of its frames are joined. So is what invalid pixels take from each frame, while these are no
/// more different entries than bins: beyond that all frames of the point get its mean over the exposure, and sums of norm are the same to
/// rounding where the monitor is constant. No number is in both; both have the same bins (assert).
FrameCounts join(FrameCounts const& a, FrameCounts const& b);

/// What a point says of its frames as a whole, from the frames: number, exposure, monitor, deficits. A point of one frame stays as it is.
void summarise(FrameCounts& point);

/// Gives every frame the monitor that monitor_of(number, its monitor) says.
template <class MonitorOf>
void set_monitors(FrameCounts& point, MonitorOf monitor_of) {
    if (point.joined.empty()) point.monitor = monitor_of(point.number, point.monitor);
    for (auto& frame : point.joined) frame.monitor = monitor_of(frame.number, frame.monitor);
    summarise(point);
}

/// Whether a point that was read from somewhere can be what join() makes of frames on so many bins.
bool consistent(FrameCounts const& point, std::size_t bins);

} // namespace sqd
