// Whether somebody set the machine's clock: wall time against steady time, which nobody can set.
#pragma once

#include "pipeline/stream/clock.hpp"

#include <cmath>
#include <cstdint>

namespace sqd {

/// One thread calls it, some 50 times a second.
class ClockWatch {
public:
    /// Seconds that wall time was set by since the last call, forwards positive; 0 for a second or less.
    double operator()(Clock const& clock) {
        double const before = clock.steady_s();
        std::int64_t const utc = clock.utc_ns();
        double const after = clock.steady_s();
        constexpr double unnoticed_s = 1, longest_look_s = 0.1;
        if (after - before > longest_look_s) return 0; // this thread was held up between the two: the next look will tell
        double const ahead = static_cast<double>(utc - first_utc_ns_) * 1e-9 - before;
        if (first_utc_ns_ != 0 && std::abs(ahead - ahead_s_) <= unnoticed_s) return 0;
        double const set_by = first_utc_ns_ != 0 ? ahead - ahead_s_ : 0;
        if (first_utc_ns_ == 0) first_utc_ns_ = utc; // differences from it keep their digits
        ahead_s_ = static_cast<double>(utc - first_utc_ns_) * 1e-9 - before;
        return set_by;
    }

private:
    std::int64_t first_utc_ns_ = 0;
    double ahead_s_ = 0;
};

} // namespace sqd
