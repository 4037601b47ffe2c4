// Bit transposes of any number of pixels: for blocks that are no tiles. Those of whole tiles are in plane_kernels.cpp.
#include "detectors/codec/bitshuffle.hpp"

namespace sqd {

void unshuffle(PlaneView planes, std::size_t pixels, unsigned bytes, std::byte* out) {
    for (std::size_t group = 0; group < pixels / 8; ++group) {
        for (std::size_t j = 0; j < bytes; ++j) {
            std::uint64_t x = 0;
            for (std::size_t k = 0; k < 8; ++k)
                x |= std::to_integer<std::uint64_t>(planes.first[(8 * j + k) * planes.stride + group]) << 8 * k;
            x = transpose_8x8(x);
            for (std::size_t i = 0; i < 8; ++i) out[(8 * group + i) * bytes + j] = static_cast<std::byte>(x >> 8 * i & 0xFF);
        }
    }
}

} // namespace sqd
