// Order of names as people count: scan_2 before scan_10.
#pragma once

#include <string_view>

namespace sqd {

/// Runs of digits compare as numbers, everything else byte by byte; names that differ only in leading zeros keep a fixed order.
bool natural_less(std::string_view a, std::string_view b);

} // namespace sqd
