// The window of a transform.
#include "config/parts.hpp"

#include <array>
#include <string>
#include <vector>

namespace sqd {

Window read_window(Section const& section) {
    constexpr std::array windows{Window::none, Window::lorch, Window::modified_lorch, Window::cosine};
    std::vector<std::string> names;
    for (Window const window : windows) names.push_back(name(window));
    return windows[section.pick("window", names)];
}

} // namespace sqd
