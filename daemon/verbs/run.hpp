// `sqd run`: the service.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_run(CLI::App& app, std::function<int()>& run);

} // namespace sqd
