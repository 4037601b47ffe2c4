#include "config/ranges.hpp"

#include "config/text.hpp"

#include <cmath>

namespace sqd {

bool above(double a, double b) {
    return a > b * (1 + 1e-9) + 1e-12;
}

std::string range_text(std::pair<double, double> const& range) {
    return render(range.first) + " to " + render(range.second);
}

std::pair<double, double> inward(std::pair<double, double> const& range) {
    return {std::ceil(range.first * 1e3) / 1e3, std::floor(range.second * 1e3) / 1e3};
}

} // namespace sqd
