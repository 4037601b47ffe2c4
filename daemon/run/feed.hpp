// Where a service's frames come from: one line per kind of source.
#pragma once

#include "config/config.hpp"
#include "daemon/run/event_gate.hpp"
#include "daemon/run/source_link.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace zmq {
class context_t;
} // namespace zmq

namespace sqd {

/// An open source. `run` receives until stopped, on a thread of its own.
struct Feed {
    std::string endpoint;     ///< of its socket (the port is known even when 0 was asked for), or its folder
    std::string tap_endpoint; ///< where received messages are passed on; empty: nowhere
    std::string absent;       ///< the sentence while nobody is there
    std::function<void(std::stop_token)> run;
};

/// Opens the source of the configuration before any detector is armed. `going_on`: start of a series that a restart interrupted; null =
/// none. Throws ConfigError when that fails.
Feed open_feed(zmq::context_t& context, Config const& config, EventGate gate, Counters& counters, AlarmBoard& alarms, SourceLink& link,
               Clock const& clock, SeriesStart const* going_on);

} // namespace sqd
