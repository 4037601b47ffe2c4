// A curve in a few lines of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

/// `rows` lines of `columns` characters: braille (2 x 4 dots each), or ' - . | of ASCII (1 x 3). x ascends; of several points in a column
/// of dots all are drawn from the lowest to the highest. Empty without finite values.
std::vector<std::string> sparkline(std::vector<double> const& x, std::vector<double> const& y, std::size_t columns, std::size_t rows,
                                   bool braille);

} // namespace sqd
