#include "config/poni_values.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace sqd {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::optional<std::string> PoniValues::text(std::string const& key) const {
    auto const found = value_.find(key);
    if (found == value_.end() || found->second.empty() || found->second == "None") return std::nullopt;
    return found->second;
}

std::optional<double> PoniValues::number(std::string const& key) const {
    auto const written = text(key);
    if (!written) return std::nullopt;
    double value = 0;
    auto const [end, error] = std::from_chars(written->data(), written->data() + written->size(), value);
    if (error != std::errc{} || end != written->data() + written->size() || !std::isfinite(value)) {
        throw refuse(key, '\'' + *written + "' is not a finite number", "lengths are in m, angles in rad",
                     "calibrate again or correct the line");
    }
    return value;
}

double PoniValues::required(std::string const& key) const {
    auto const value = number(key);
    if (!value) throw refuse(key, "is missing", "it is part of the geometry", "calibrate again with pyFAI-calib2");
    return *value;
}

ConfigError PoniValues::refuse(std::string const& key, std::string const& problem, std::string const& why,
                               std::string const& suggestion) const {
    auto const found = line_.find(key);
    return config_error({file_, found == line_.end() ? 0 : found->second, key}, problem, why, suggestion);
}

} // namespace sqd
