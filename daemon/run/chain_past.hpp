// What an earlier start of the program left to a chain.
#pragma once

#include "config/config.hpp"
#include "daemon/journal/kept_scans.hpp"
#include "pipeline/stream/scan_orders.hpp"
#include "pipeline/stream/series_state.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A series that did not end.
struct InterruptedSeries {
    SeriesState state;
    std::shared_ptr<Config const> config; ///< to go on under; null = the one that the program started with
    std::optional<ScanEnd> ended;         ///< control had ended it
    std::string ends_because;             ///< why its later frames cannot be reduced as its first ones were; empty = it may go on
};

struct ChainPast {
    std::vector<InterruptedSeries> interrupted; ///< in order of their starts: only the last may go on
    std::optional<OpenScan> begun;              ///< no series of it has come
    KeptScans kept;
};

/// Start of the series that may go on; null = none.
inline SeriesStart const* going_on(ChainPast const& past) {
    return past.interrupted.empty() ? nullptr : &past.interrupted.back().state.opening.header;
}

} // namespace sqd
