#include "pipeline/reduce/window.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

constexpr std::array window_names{"none", "lorch", "modified_lorch", "cosine"};

} // namespace

std::string name(Window window) {
    return window_names[static_cast<std::size_t>(window)];
}

std::optional<Window> window_named(std::string const& name) {
    auto const found = std::find(window_names.begin(), window_names.end(), name);
    if (found == window_names.end()) return std::nullopt;
    return static_cast<Window>(found - window_names.begin());
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
