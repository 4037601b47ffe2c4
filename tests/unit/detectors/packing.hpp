// The way into the detectors' formats, written bit by bit from their description and sharing nothing with the decoders.
#pragma once

#include "detectors/decoder.hpp"

#include <lz4.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace sqd::test {

using Bytes = std::vector<std::byte>;

inline MessagePart part(Bytes bytes) {
    auto const owned = std::make_shared<Bytes const>(std::move(bytes));
    return {*owned, owned};
}

inline MessagePart part(std::string_view text) {
    Bytes bytes;
    for (char const c : text) bytes.push_back(static_cast<std::byte>(c));
    return part(std::move(bytes));
}

/// Highest byte first, as many bytes as said.
inline void append_big(Bytes& to, std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) to.push_back(static_cast<std::byte>(value >> 8 * i & 0xFF));
}

inline Bytes lz4(Bytes const& plain) {
    Bytes packed(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(plain.size()))));
    int const size = LZ4_compress_default(reinterpret_cast<char const*>(plain.data()), reinterpret_cast<char*>(packed.data()),
                                          static_cast<int>(plain.size()), static_cast<int>(packed.size()));
    packed.resize(static_cast<std::size_t>(size));
    return packed;
}

/// Bit k of byte j of element i goes to bit i % 8 of byte i / 8 of plane 8 j + k.
inline Bytes shuffled(Bytes const& plain, std::size_t element) {
    std::size_t const n = plain.size() / element;
    Bytes out(plain.size());
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t bit = 0; bit < 8 * element; ++bit)
            if ((plain[i * element + bit / 8] >> bit % 8 & std::byte{1}) != std::byte{0})
                out[bit * (n / 8) + i / 8] |= std::byte{1} << i % 8;
    return out;
}

/// Pixels as bytes of `element` bytes each, lowest first.
inline Bytes pixel_bytes(std::vector<std::uint32_t> const& pixels, std::size_t element) {
    Bytes out;
    out.reserve(pixels.size() * element);
    for (auto const pixel : pixels)
        for (std::size_t j = 0; j < element; ++j) out.push_back(static_cast<std::byte>(pixel >> 8 * j & 0xFF));
    return out;
}

/// DECTRIS' bslz4 payload: 12-byte header, blocks with their lengths, the last few elements as they are.
inline Bytes bslz4(Bytes const& plain, std::size_t element, std::size_t block) {
    Bytes out;
    append_big(out, plain.size(), 8);
    append_big(out, block, 4);
    std::size_t const shuffled_bytes = plain.size() / (8 * element) * (8 * element);
    for (std::size_t at = 0; at < shuffled_bytes; at += block) {
        auto const begin = plain.begin() + static_cast<std::ptrdiff_t>(at);
        auto const end = plain.begin() + static_cast<std::ptrdiff_t>(std::min(at + block, shuffled_bytes));
        auto const packed = lz4(shuffled(Bytes(begin, end), element));
        append_big(out, packed.size(), 4);
        out.insert(out.end(), packed.begin(), packed.end());
    }
    out.insert(out.end(), plain.begin() + static_cast<std::ptrdiff_t>(shuffled_bytes), plain.end());
    return out;
}

/// HDF5's LZ4 payload: like bslz4, but blocks are not shuffled and are stored raw where LZ4 gains nothing.
inline Bytes framed_lz4(Bytes const& plain, std::size_t block) {
    Bytes out;
    append_big(out, plain.size(), 8);
    append_big(out, block, 4);
    for (std::size_t at = 0; at < plain.size(); at += block) {
        auto const end = std::min(at + block, plain.size());
        Bytes const raw(plain.begin() + static_cast<std::ptrdiff_t>(at), plain.begin() + static_cast<std::ptrdiff_t>(end));
        auto packed = lz4(raw);
        if (packed.size() >= raw.size()) packed = raw;
        append_big(out, packed.size(), 4);
        out.insert(out.end(), packed.begin(), packed.end());
    }
    return out;
}

/// Byte-offset data: a difference in the shortest form that holds it, each longer form announced by the most negative shorter one.
inline Bytes byte_offset(std::vector<std::int32_t> const& pixels) {
    Bytes out;
    auto const append = [&out](std::int64_t value, unsigned bytes) {
        for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> 8 * i & 0xFF));
    };
    std::int64_t before = 0;
    for (std::int64_t const pixel : pixels) {
        std::int64_t const d = pixel - before;
        before = pixel;
        if (d > -128 && d < 128) {
            append(d, 1);
            continue;
        }
        append(-128, 1);
        if (d > -32768 && d < 32768) {
            append(d, 2);
            continue;
        }
        append(-32768, 2);
        if (d > -2147483648LL && d < 2147483648LL) {
            append(d, 4);
            continue;
        }
        append(-2147483648LL, 4);
        append(d, 8);
    }
    return out;
}

} // namespace sqd::test
