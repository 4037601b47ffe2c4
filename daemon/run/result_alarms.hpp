// What a result says that somebody should know of now.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/stream/alarms.hpp"

#include <cstdint>

namespace sqd {

/// Raises and clears "no_background", "no_dark", "dead_time_saturated", "bragg_lines", "fit", "calibration": each stands as long as the
/// latest result that could say otherwise has it.
void raise_alarms(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns);

} // namespace sqd
