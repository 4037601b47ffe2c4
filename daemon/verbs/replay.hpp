// `sqd replay`: detector files through the whole chain, as if they came live.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

/// Background first, then the sample; each final goes to the archive, as in `run`, and to standard output. Exit codes: 0, 1 when a result
/// is not on disk, 65 when something could not be read or a series gave no result, 130 when interrupted (what came so far is saved).
/// Errors are thrown: ConfigError, IoError, DataError.
void add_replay(CLI::App& app, std::function<int()>& run);

} // namespace sqd
