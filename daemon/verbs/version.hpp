// `sqd version`: this program's version and those of its libraries, for reports of trouble.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_version(CLI::App& app, std::function<int()>& run);

} // namespace sqd
