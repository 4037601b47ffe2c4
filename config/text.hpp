// Words and numbers for echo and messages.
#pragma once

#include <string>
#include <vector>

namespace sqd {

/// Shortest text that reads back as the same number.
std::string render(double value);
/// Text as a YAML scalar, quoted where it must be.
std::string render(std::string const& text);
/// Of `known` the name nearest to `word`, empty if none is near.
std::string nearest_name(std::string const& word, std::vector<std::string> const& known);
/// "a, b or c"
std::string join_or(std::vector<std::string> const& names);

} // namespace sqd
