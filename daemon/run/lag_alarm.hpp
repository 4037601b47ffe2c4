// The alarm of a reduction that does not keep up.
#pragma once

#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/lag_watch.hpp"

#include <cstdint>

namespace sqd {

/// Raises "lag" when events are older than `late_s` as they are worked off, clears it below a fifth of that.
class LagAlarm {
public:
    static constexpr double late_s = 5;

    LagAlarm(AlarmBoard& alarms, Clock const& clock) : alarms_(alarms), clock_(clock) {}
    /// With the queue's counts; returns seconds.
    double operator()(std::uint64_t pushed, std::uint64_t popped);

private:
    AlarmBoard& alarms_;
    Clock const& clock_;
    LagWatch watch_;
    bool late_ = false;
};

} // namespace sqd
