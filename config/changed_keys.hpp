// What differs between two configurations, and whether a running service may take it over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqd {

/// Dotted keys whose values differ between two effective configurations, or that only one of them has; in the order of the later one, then
/// of the earlier one.
std::vector<std::string> changed_keys(std::string const& before, std::string const& after);

/// A change of this key may apply from the next series on: it concerns what is made of the counts, and neither where they come from nor how
/// pixels become bins. config/README.md names the sections.
bool applies_to_next_series(std::string_view key);

} // namespace sqd
