// `sqd check`: reads a configuration as the service would, and says what it would do.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace sqd {

/// Prints effective values, masked pixels, reach and ring cover, bins, and what will be computed and what not. Returns 0, or throws
/// ConfigError as load_config does. `json`: one object on stdout instead of lines.
int check_command(std::string const& config_file, bool json);

void add_check(CLI::App& app, std::function<int()>& run);

} // namespace sqd
