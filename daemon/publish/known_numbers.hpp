// JSON never holds NaN: a number that is not known has no key.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace sqd {

inline void put(nlohmann::ordered_json& out, std::string const& key, double value) {
    if (std::isfinite(value)) out[key] = value;
}

} // namespace sqd
