// `sqd decode`: what the images of detector files and recorded messages hold, pixel for pixel.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sqd {

void add_decode(CLI::App& app, std::function<int()>& run);

} // namespace sqd
