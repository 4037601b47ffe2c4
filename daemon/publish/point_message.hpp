// The curve of one point of a map, for who asks for it.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/scan_counts.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace sqd {

/// Points of a map as one of its results had them. The counts are those of the scan itself: nothing is copied.
struct MapPoints {
    ScanIdentity scan; ///< with a grid
    std::uint64_t result = 0;
    ResultState state = ResultState::partial;
    ScanCounts counts;
    std::optional<Pattern1D> background; ///< that was subtracted from the mean, so many times:
    double background_scale = 0;
    std::vector<RejectedFrame> rejected; ///< by the selection
};

/// Of the points that a job has and its result; with a dark or dead time corrected, counts of single points have no net (they are as they
/// were counted, and the background is not).
MapPoints map_points(ReductionJob const& job, ReducedResult const& result);

/// `point`: I(q) at a place of the map, row * columns + column; nullopt where no frame was taken. Of a point of several frames all of their
/// places have the same.
std::optional<WireMessage> point_message(MapPoints const& map, std::uint64_t place, Speaker const& speaker);

} // namespace sqd
