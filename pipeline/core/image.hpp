// A detector image in memory: row-major, slow axis first.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// `pixels[row * cols + col]`; row counts along axis 1 (slow), col along axis 2 (fast).
template <class T>
struct Image {
    std::size_t rows = 0, cols = 0;
    std::vector<T> pixels;

    Image() = default;
    Image(std::size_t rows_, std::size_t cols_, T fill = T{}) : rows(rows_), cols(cols_), pixels(rows_ * cols_, fill) {}
    T& operator()(std::size_t row, std::size_t col) { return pixels[row * cols + col]; }
    T const& operator()(std::size_t row, std::size_t col) const { return pixels[row * cols + col]; }
    std::size_t size() const { return pixels.size(); }
    bool operator==(Image const&) const = default;
};

/// Pixels that take no part, whatever the frame says: non-zero = excluded (pyFAI's convention, never inverted by guess).
using Mask = Image<unsigned char>;

/// True where either excludes. Shapes must agree (assert).
Mask operator|(Mask const& a, Mask const& b);
/// Number of excluded pixels.
std::size_t masked_pixels(Mask const& mask);

} // namespace sqd
