// `sqd control`: one command to a running daemon, for shell scripts.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sqd {

/// The request of a command with arguments "key=value": a value that is JSON is taken as such, else as text; a key with dots is a key of
/// an object. Throws std::invalid_argument `argument: problem (why)`.
Json control_request(std::string const& command, std::vector<std::string> const& arguments);

void add_control(CLI::App& app, std::function<int()>& run);

} // namespace sqd
