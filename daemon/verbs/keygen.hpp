// `sqd keygen`: keys for a service or a client.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_keygen(CLI::App& app, std::function<int()>& run);

} // namespace sqd
