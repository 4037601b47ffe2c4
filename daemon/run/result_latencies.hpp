// How long results were under way, by their state.
#pragma once

#include "daemon/run/latency_histogram.hpp"
#include "pipeline/core/results.hpp"

#include <algorithm>
#include <cstdint>

namespace sqd {

struct ResultLatencies {
    LatencyHistogram partial, final, aborted;

    /// To be called as it is published. A result without frames was not under way; how long one was whose scan saw the clock set, nobody
    /// knows.
    void add(ReducedResult const& result, std::int64_t utc_ns) {
        auto const& flags = result.curves.flags;
        if (result.time.last_frame_ns == 0 || std::find(flags.begin(), flags.end(), "clock_set") != flags.end()) return;
        LatencyHistogram& of = result.state == ResultState::partial ? partial : result.state == ResultState::final ? final : aborted;
        of.add(static_cast<double>(utc_ns - result.time.last_frame_ns) * 1e-9);
    }
};

} // namespace sqd
