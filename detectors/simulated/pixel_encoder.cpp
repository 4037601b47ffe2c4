#include "detectors/simulated/pixel_encoder.hpp"

#include "detectors/simulated/bslz4_encoder.hpp"
#include "detectors/simulated/pixel_bytes.hpp"

#include <lz4.h>

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace sqd::simulated {

namespace {

Part lz4_block(std::span<std::byte const> plain) {
    Part packed(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(plain.size()))));
    auto const size = LZ4_compress_default(reinterpret_cast<char const*>(plain.data()), reinterpret_cast<char*>(packed.data()),
                                           static_cast<int>(plain.size()), static_cast<int>(packed.size()));
    assert(size > 0);
    packed.resize(static_cast<std::size_t>(size));
    return packed;
}

/// A block that LZ4 cannot shorten is stored as it is, which its length tells.
Part framed_lz4(std::span<std::byte const> plain) {
    constexpr std::size_t block_bytes = 8192;
    Part out;
    append_big_endian(out, plain.size(), 8);
    append_big_endian(out, block_bytes, 4);
    for (std::size_t begin = 0; begin < plain.size(); begin += block_bytes) {
        auto const block = plain.subspan(begin, std::min(block_bytes, plain.size() - begin));
        auto packed = lz4_block(block);
        if (packed.size() >= block.size()) packed.assign(block.begin(), block.end());
        append_big_endian(out, packed.size(), 4);
        out.insert(out.end(), packed.begin(), packed.end());
    }
    return out;
}

} // namespace

Part encode_pixels(std::span<std::uint32_t const> pixels, PixelEncoding encoding, unsigned bits) {
    if (encoding == PixelEncoding::bslz4) return encode_bslz4(pixels, bits);
    Part plain;
    plain.reserve(pixels.size() * bits / 8);
    append_pixels(plain, pixels, bits / 8);
    if (encoding == PixelEncoding::bare_lz4) return lz4_block(plain);
    if (encoding == PixelEncoding::framed_lz4) return framed_lz4(plain);
    return plain;
}

} // namespace sqd::simulated
