// Plain pixels into tiles.
#include "detectors/codec/tile_fill.hpp"

#include "detectors/codec/plane_kernels.hpp"

#include <cassert>
#include <cstring>

namespace sqd {

void fill_tile(std::byte const* pixels, std::size_t count, PixelFormat const& format, Tile& out) {
    assert(count <= tile_pixels);
    auto const& kernels = plane_kernels(format.tier);
    if (count == tile_pixels) return kernels.fill(pixels, format, out);
    std::array<std::byte, sizeof out.pixels> whole{};
    std::memcpy(whole.data(), pixels, count * format.bytes);
    kernels.fill(whole.data(), format, out);
}

} // namespace sqd
