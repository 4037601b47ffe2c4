// The program's verbs with all they take: the one table that help, completion and the manual page are made from.
#pragma once

#include <functional>
#include <span>

namespace CLI {
class App;
}

namespace sqd {

/// Exit codes after sysexits.h.
enum Exit { exit_failed = 1, exit_usage = 64, exit_data = 65, exit_input = 66, exit_no_answer = 69, exit_output = 74, exit_config = 78 };

struct ExitMeaning {
    int code;
    char const* means;
};
/// All that the program ends with.
std::span<ExitMeaning const> exit_meanings();

/// Adds all verbs to an empty app. Parsing a command line puts what the verb does into `run`.
void add_verbs(CLI::App& app, std::function<int()>& run);

} // namespace sqd
