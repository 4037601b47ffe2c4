#include "daemon/verbs/sparkline.hpp"

#include "pipeline/core/image.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sqd {

namespace {

struct Range {
    double low, high;
};

std::vector<std::size_t> drawn_points(std::vector<double> const& x, std::vector<double> const& y) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
        if (std::isfinite(x[i]) && std::isfinite(y[i])) out.push_back(i);
    return out;
}

Range range(std::vector<double> const& values, std::vector<std::size_t> const& points) {
    Range out{values[points.front()], values[points.front()]};
    for (std::size_t const i : points) out = {std::min(out.low, values[i]), std::max(out.high, values[i])};
    return out;
}

/// Of `dots` places the one of the value.
std::size_t place(double value, Range const& range, std::size_t dots) {
    if (!(range.high > range.low)) return dots / 2;
    double const part = (value - range.low) / (range.high - range.low);
    return std::min(static_cast<std::size_t>(part * static_cast<double>(dots)), dots - 1);
}

/// Row 0 is the highest.
Image<unsigned char> dots(std::vector<double> const& x, std::vector<double> const& y, std::vector<std::size_t> const& points,
                          std::size_t rows, std::size_t cols) {
    Image<unsigned char> out(rows, cols);
    Range const across = range(x, points), up = range(y, points);
    for (std::size_t const i : points) out(rows - 1 - place(y[i], up, rows), place(x[i], across, cols)) = 1;
    for (std::size_t col = 0; col < cols; ++col) {
        std::size_t first = rows, last = 0;
        for (std::size_t row = 0; row < rows; ++row)
            if (out(row, col) != 0) first = std::min(first, row), last = row;
        for (std::size_t row = first; row < last; ++row) out(row, col) = 1;
    }
    return out;
}

std::string braille_cell(Image<unsigned char> const& dots, std::size_t row, std::size_t col) {
    constexpr std::array<std::array<unsigned, 2>, 4> bits{{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
    unsigned pattern = 0;
    for (std::size_t r = 0; r < 4; ++r)
        for (std::size_t c = 0; c < 2; ++c)
            if (dots(4 * row + r, 2 * col + c) != 0) pattern |= bits[r][c];
    // U+2800 and the pattern, in UTF-8
    return {static_cast<char>(0xe2), static_cast<char>(0xa0 | (pattern >> 6)), static_cast<char>(0x80 | (pattern & 0x3f))};
}

std::string ascii_cell(Image<unsigned char> const& dots, std::size_t row, std::size_t col) {
    constexpr std::array<char const*, 8> of_dots{" ", "'", "-", "|", ".", "|", "|", "|"};
    return of_dots[dots(3 * row, col) + 2U * dots(3 * row + 1, col) + 4U * dots(3 * row + 2, col)];
}

} // namespace

std::vector<std::string> sparkline(std::vector<double> const& x, std::vector<double> const& y, std::size_t columns, std::size_t rows,
                                   bool braille) {
    auto const points = drawn_points(x, y);
    if (points.empty() || columns == 0 || rows == 0) return {};
    auto const drawn = braille ? dots(x, y, points, 4 * rows, 2 * columns) : dots(x, y, points, 3 * rows, columns);
    std::vector<std::string> out(rows);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t col = 0; col < columns; ++col) out[row] += braille ? braille_cell(drawn, row, col) : ascii_cell(drawn, row, col);
    return out;
}

} // namespace sqd
