// `sqd watch`: one line on a running daemon, kept up to date.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_watch(CLI::App& app, std::function<int()>& run);

} // namespace sqd
