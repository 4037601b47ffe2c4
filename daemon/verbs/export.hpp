// `sqd export`: what an archive file holds, for other programs and for people.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_export(CLI::App& app, std::function<int()>& run);

} // namespace sqd
