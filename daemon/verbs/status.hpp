// `sqd status`: asks a running daemon how it is.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace sqd {

/// The reply to `status` in a few lines: state and why, scan, frames, background, reference, alarms with their sentences (`was`:
/// their cause has gone; `ack`: somebody has taken note), lag, clients, counters that are not zero.
std::string status_text(Json const& reply);

void add_status(CLI::App& app, std::function<int()>& run);

} // namespace sqd
