// `sqd init`: a commented configuration from a .poni.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_init(CLI::App& app, std::function<int()>& run);

} // namespace sqd
