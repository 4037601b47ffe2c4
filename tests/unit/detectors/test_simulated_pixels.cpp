// The simulated encodings besides bslz4, undone by liblz4 and by hand.
#include "detectors/simulated/pixel_encoder.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <doctest/doctest.h>
#include <lz4.h>

#include <random>

using namespace sqd::simulated;
using sqd::test::pixel_bytes;

namespace {

std::vector<std::uint32_t> noisy(std::size_t count, std::uint32_t limit) {
    std::mt19937 random(3);
    std::vector<std::uint32_t> pixels(count);
    for (auto& pixel : pixels) pixel = static_cast<std::uint32_t>(random() % limit);
    return pixels;
}

Part unpacked(std::span<std::byte const> block, std::size_t bytes) {
    Part plain(bytes);
    CHECK(LZ4_decompress_safe(reinterpret_cast<char const*>(block.data()), reinterpret_cast<char*>(plain.data()),
                              static_cast<int>(block.size()), static_cast<int>(bytes)) == static_cast<int>(bytes));
    return plain;
}

std::size_t big_endian(Part const& bytes, std::size_t at, std::size_t count) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | std::to_integer<std::size_t>(bytes.at(at + i));
    return value;
}

} // namespace

TEST_CASE("raw pixels are little-endian, too large ones the largest of their type") {
    std::vector<std::uint32_t> const pixels{1, 0x102, 0x01020304, 0xFFFFFFFF};
    CHECK(encode_pixels(pixels, PixelEncoding::raw, 8) == pixel_bytes({1, 255, 255, 255}, 1));
    CHECK(encode_pixels(pixels, PixelEncoding::raw, 16) == pixel_bytes({1, 0x102, 65535, 65535}, 2));
    CHECK(encode_pixels(pixels, PixelEncoding::raw, 32) == pixel_bytes(pixels, 4));
}

TEST_CASE("bare LZ4 is one block and nothing else") {
    for (unsigned const bits : {8u, 16u, 32u}) {
        auto const pixels = noisy(5000, 200);
        CHECK(unpacked(encode_pixels(pixels, PixelEncoding::bare_lz4, bits), 5000 * bits / 8) == pixel_bytes(pixels, bits / 8));
    }
}

TEST_CASE("framed LZ4 is blocks of 8 KiB with their lengths, stored raw where nothing is gained") {
    auto pixels = noisy(5000, 0xFFFFFFFF);
    for (std::size_t i = 0; i < 2048; ++i) pixels[i] = 7; // the first block shrinks, the others do not
    auto const plain = pixel_bytes(pixels, 4);
    auto const payload = encode_pixels(pixels, PixelEncoding::framed_lz4, 32);
    CHECK(big_endian(payload, 0, 8) == 20000);
    CHECK(big_endian(payload, 8, 4) == 8192);
    Part found;
    std::size_t at = 12, shrunk = 0;
    for (std::size_t const size : {8192u, 8192u, 3616u}) {
        auto const packed = big_endian(payload, at, 4);
        auto const block = std::span(payload).subspan(at + 4, packed);
        auto const part = packed == size ? Part(block.begin(), block.end()) : unpacked(block, size);
        found.insert(found.end(), part.begin(), part.end());
        shrunk += packed < size;
        at += 4 + packed;
    }
    CHECK(at == payload.size());
    CHECK(shrunk == 1);
    CHECK(found == plain);
}
