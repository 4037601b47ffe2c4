// The one form of all configuration messages: `file:line: key: problem (why) suggestion`.
#pragma once

#include "pipeline/core/errors.hpp"

#include <cstddef>
#include <string>

namespace sqd {

/// Where something was said: file as given, line from 1 (0 = not known), dotted key.
struct Place {
    std::string file;
    std::size_t line = 0;
    std::string key;
};

inline ConfigError config_error(Place const& at, std::string const& problem, std::string const& why, std::string const& suggestion) {
    return ConfigError(at.file + ':' + std::to_string(at.line) + ": " + at.key + ": " + problem + " (" + why + ") " + suggestion);
}

} // namespace sqd
