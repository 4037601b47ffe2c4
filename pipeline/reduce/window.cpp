#include "pipeline/reduce/window.hpp"

#include <cmath>
#include <numbers>

namespace sqd {

char const* name(Window window) {
    switch (window) {
    case Window::none: return "none";
    case Window::lorch: return "lorch";
    case Window::modified_lorch: return "modified_lorch";
    case Window::cosine: return "cosine";
    }
    return "";
}

double window_factor(Window window, double q_invA, double q_max_invA) {
    double const x = std::numbers::pi * q_invA / q_max_invA;
    double const flat = 2 * q_max_invA / 3;
    switch (window) {
    case Window::none: return 1;
    case Window::lorch: return x > 1e-8 ? std::sin(x) / x : 1;
    case Window::modified_lorch: return x > 1e-3 ? 3 * (std::sin(x) - x * std::cos(x)) / (x * x * x) : 1 - x * x / 10;
    case Window::cosine: return q_invA < flat ? 1 : (1 + std::cos(std::numbers::pi * (q_invA - flat) / (q_max_invA - flat))) / 2;
    }
    return 1;
}

} // namespace sqd
