// When the loops of the service last came round.
#pragma once

#include <atomic>

namespace sqd {

/// Clock::steady_s of each loop's last turn; negative = it has not turned yet. Each is written by its own thread, read by any.
struct Pulses {
    std::atomic<double> processing{-1}, service{-1}, archive{-1};
};

} // namespace sqd
