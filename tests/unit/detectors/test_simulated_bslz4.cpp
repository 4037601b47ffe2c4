// The simulated detector's compression, undone bit by bit as the format says.
#include "detectors/simulated/bslz4_encoder.hpp"

#include <doctest/doctest.h>
#include <lz4.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

using sqd::simulated::Part;

namespace {

std::uint64_t big_endian(Part const& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | std::to_integer<std::uint64_t>(bytes.at(at + i));
    return value;
}

/// Pixels of one block from its bit planes: plane r = 8 j + k holds bit k of byte j; element i is bit i % 8 of byte i / 8.
void append_pixels(std::vector<char> const& planes, std::size_t element, std::vector<std::uint32_t>& out) {
    auto const count = planes.size() / element, stride = count / 8;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t pixel = 0;
        for (std::size_t r = 0; r < 8 * element; ++r) {
            std::uint32_t const byte = static_cast<unsigned char>(planes[r * stride + i / 8]);
            pixel |= ((byte >> (i % 8)) & 1U) << r;
        }
        out.push_back(pixel);
    }
}

/// The whole framing, written from its description and nothing shared with the encoder.
std::vector<std::uint32_t> decode(Part const& payload, std::size_t element = 4) {
    auto const bytes = big_endian(payload, 0, 8), block = big_endian(payload, 8, 4);
    REQUIRE(block == 8192);
    auto const leftover = bytes % (8 * element), last = bytes % block - leftover;
    std::vector<std::size_t> sizes(bytes / block, block);
    if (last > 0) sizes.push_back(last);
    std::vector<std::uint32_t> pixels;
    std::size_t at = 12;
    for (auto const size : sizes) {
        auto const packed = big_endian(payload, at, 4);
        REQUIRE(at + 4 + packed <= payload.size());
        std::vector<char> planes(size);
        auto const* const source = reinterpret_cast<char const*>(payload.data()) + at + 4;
        REQUIRE(LZ4_decompress_safe(source, planes.data(), static_cast<int>(packed), static_cast<int>(size)) == static_cast<int>(size));
        append_pixels(planes, element, pixels);
        at += 4 + packed;
    }
    REQUIRE(payload.size() - at == leftover);
    for (std::size_t i = 0; i < leftover / element; ++i) {
        std::uint32_t pixel = 0;
        for (std::size_t j = element; j-- > 0;) pixel = pixel << 8 | std::to_integer<std::uint32_t>(payload[at + element * i + j]);
        pixels.push_back(pixel);
    }
    return pixels;
}

/// `count` pixels below `limit`, every seventeenth all-ones when `masked`.
std::vector<std::uint32_t> random_pixels(std::size_t count, std::uint32_t limit, bool masked, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::uint32_t> pixels(count);
    for (std::size_t i = 0; i < count; ++i) pixels[i] = masked && i % 17 == 3 ? 0xffffffffU : static_cast<std::uint32_t>(random() % limit);
    return pixels;
}

} // namespace

TEST_CASE("what was compressed comes back, for counts of every width, gaps and odd sizes") {
    for (auto const count : {1UL, 7UL, 8UL, 2047UL, 2048UL, 2049UL, 4096UL + 8 + 5, 10000UL})
        for (auto const limit : {2U, 255U, 256U, 257U, 70000U, 0xffffffffU})
            for (auto const masked : {false, true}) {
                CAPTURE(count);
                CAPTURE(limit);
                auto const pixels = random_pixels(count, limit, masked, 7);
                CHECK(decode(sqd::simulated::encode_bslz4(pixels)) == pixels);
            }
}

TEST_CASE("pixels of 8 and 16 bits come back from blocks of 8 KiB, too large ones as the largest value") {
    for (unsigned const bits : {8U, 16U})
        for (auto const count : {1UL, 8UL, 2048UL, 4096UL, 8191UL, 8192UL, 8193UL, 30000UL}) {
            CAPTURE(bits);
            CAPTURE(count);
            auto const largest = (1U << bits) - 1;
            auto const pixels = random_pixels(count, largest + 3, true, 9);
            auto expected = pixels;
            for (auto& pixel : expected) pixel = std::min(pixel, largest);
            CHECK(decode(sqd::simulated::encode_bslz4(pixels, bits), bits / 8) == expected);
        }
}

TEST_CASE("values at the edge of the fast path are kept") {
    for (auto const value : {0U, 255U, 256U, 0x7fffffffU, 0x80000000U, 0xffffff00U, 0xfffffffeU, 0xffffffffU}) {
        CAPTURE(value);
        std::vector<std::uint32_t> pixels(2048, 3);
        pixels[1000] = value;
        CHECK(decode(sqd::simulated::encode_bslz4(pixels)) == pixels);
    }
}

TEST_CASE("an encoder takes one image after another") {
    auto const first = random_pixels(5000, 20, true, 1), second = random_pixels(5000, 300, true, 2);
    sqd::simulated::Bslz4Encoder encoder(5000);
    for (auto const* const image : {&first, &second}) {
        for (std::size_t i = 0; i < image->size(); i += 2048)
            encoder.add(std::span(*image).subspan(i, std::min(2048UL, image->size() - i)));
        CHECK(decode(encoder.finish()) == *image);
    }
}
