// Numbers as text, without the locale.
#pragma once

#include <cstddef>
#include <string>

namespace sqd {

/// The shortest form that reads back the same; `nan` for what is none.
std::string shortest(double value);

/// `digits` after the point, exponent form, right-aligned to `width`.
void append_number(std::string& out, double value, int digits, std::size_t width);

} // namespace sqd
