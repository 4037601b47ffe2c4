// Is the service well? One line for whoever watches it.
#pragma once

#include "daemon/web/web_facts.hpp"

namespace sqd {

struct Health {
    bool well = false;
    Json report; ///< {"status": "ok" | "unwell", "state", "reason", "loops": {name: age_s}}; `reason` says why it is unwell
};

/// Well: all loops turn, there is a heartbeat, and the state is not `fault`. Alarms do not count: they are for people.
Health health_of(WebFacts const& facts);

} // namespace sqd
