// Shells of G(r) as named numbers.
#pragma once

#include "pipeline/core/curves.hpp"

#include <string>
#include <vector>

namespace sqd {

struct NamedValue {
    std::string name;
    double value = 0;
    char const* unit = "";
};

/// shell1_r, shell1_r_sigma, shell1_r_background_sigma, then height, low, high, coordination and of the first shell coordination_a and
/// coordination_b, and so on for every shell. What is not known is NaN or not there.
std::vector<NamedValue> shell_values(std::vector<Shell> const& shells);

} // namespace sqd
