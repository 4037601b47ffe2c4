// `sqd help [VERB]`, and what is said of a command line that is not understood.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
class Error;
} // namespace CLI

namespace sqd {

/// Added last: it explains the verbs that are there.
void add_help(CLI::App& app, std::function<int()>& run);

/// For CLI11's failure_message: names a verb that is none, and the one that may have been meant.
std::string parse_failure(CLI::App const* app, CLI::Error const& error);

} // namespace sqd
