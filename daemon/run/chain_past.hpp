// What an earlier start of the program left to a chain.
#pragma once

#include "daemon/journal/kept_scans.hpp"
#include "pipeline/stream/series_state.hpp"

#include <vector>

namespace sqd {

/// A series that did not end.
struct InterruptedSeries {
    SeriesState state;
    bool same_configuration = true; ///< else its later frames would be reduced otherwise than its first ones: it does not go on
};

struct ChainPast {
    std::vector<InterruptedSeries> interrupted; ///< in order of their starts: only the last may go on
    KeptScans kept;
};

} // namespace sqd
