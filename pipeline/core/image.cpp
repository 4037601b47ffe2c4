#include "pipeline/core/image.hpp"

#include <algorithm>
#include <cassert>

namespace sqd {

Mask operator|(Mask const& a, Mask const& b) {
    assert(a.rows == b.rows && a.cols == b.cols);
    Mask out(a.rows, a.cols);
    std::transform(a.pixels.begin(), a.pixels.end(), b.pixels.begin(), out.pixels.begin(),
                   [](unsigned char x, unsigned char y) { return static_cast<unsigned char>(x || y); });
    return out;
}

std::size_t masked_pixels(Mask const& mask) {
    return static_cast<std::size_t>(std::count_if(mask.pixels.begin(), mask.pixels.end(), [](unsigned char x) { return x != 0; }));
}

} // namespace sqd
