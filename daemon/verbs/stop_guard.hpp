// The end of a service within a bound, whatever holds it up.
#pragma once

#include "daemon/verbs/service_signals.hpp"

#include <thread>

namespace sqd {

/// From its construction on, as long as it lives: a further SIGINT or SIGTERM ends the program at once (130, 143), and so does the
/// end of the time that finishing may take (1). What is on disk then is as after kill -9.
class StopGuard {
public:
    /// Less than TimeoutStopSec of the unit, so that the log has the reason.
    static constexpr double drain_s = 20;

    explicit StopGuard(ServiceSignals const& signals);

private:
    std::jthread thread_;
};

} // namespace sqd
