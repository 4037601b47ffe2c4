// `sqd simulate`: a detector that sees the virtual glass.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

/// Declares the verb and its options; when it is chosen, `run` becomes the function that does it and returns the exit code
/// (0, or 69 when no client came within --wait). Errors are thrown: ConfigError, DataError, IoError.
void add_simulate(CLI::App& app, std::function<int()>& run);

} // namespace sqd
