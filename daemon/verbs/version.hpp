// `sqd version`: this program's version and those of its libraries, for reports of trouble.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace sqd {

/// A line each: this program, its libraries, the compiler, the processor's instructions in use.
std::string version_text();

void add_version(CLI::App& app, std::function<int()>& run);

} // namespace sqd
