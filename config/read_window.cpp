// The window of a transform.
#include "config/parts.hpp"

namespace sqd {

Window read_window(Section const& section) {
    auto const option = [](Window window) { return std::pair{name(window), window}; };
    return section.choice<Window>("window",
                                  {option(Window::none), option(Window::lorch), option(Window::modified_lorch), option(Window::cosine)});
}

} // namespace sqd
