// Ranges in the words of error messages, and how to compare their ends.
#pragma once

#include <string>
#include <utility>

namespace sqd {

/// a > b, of values that may have passed through a text or another unit.
bool above(double a, double b);
/// "0.3 to 9"
std::string range_text(std::pair<double, double> const& range);
/// Three digits are enough to correct a file by, rounded inwards so that they are valid.
std::pair<double, double> inward(std::pair<double, double> const& range);

} // namespace sqd
