// The loops of unpacking with every instruction set, against their definitions.
#include "detectors/codec/plane_kernels.hpp"
#include "tests/support/cpu_tiers.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/random_images.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

using namespace sqd;

namespace {

/// Pixels as their bytes give them, of `bytes` bytes each.
std::uint32_t value(std::byte const* bytes, std::size_t i, unsigned size) {
    std::uint32_t out = 0;
    std::memcpy(&out, bytes + size * i, size);
    return out;
}

std::uint32_t any_number(std::mt19937& random) {
    return static_cast<std::uint32_t>(random());
}

bool bit(TileBits const& bits, std::size_t i) {
    return (bits[i / 64] >> i % 64 & 1) != 0;
}

} // namespace

TEST_CASE("the low bytes of all pixels come out of their planes, and pixels that are not kept become 0") {
    std::mt19937 random(8);
    for (CpuTier const tier : test::cpu_tiers_here())
        for (unsigned element : {1u, 2u, 4u})
            for (unsigned bytes : {1u, 2u, 4u}) {
                if (bytes > element) continue;
                CAPTURE(name(tier));
                std::uint32_t const low = bytes == 4 ? 0xFFFFFFFF : (1u << 8 * bytes) - 1;
                auto const pixels = test::random_pixels(random, tile_pixels, element);
                auto const packed = test::shuffled(test::pixel_bytes(pixels, element), element);
                TileBits keep;
                for (auto& word : keep) word = std::uint64_t{random()} << 32 | random();
                std::vector<std::byte> out(tile_pixels * bytes);
                plane_kernels(tier).unshuffle({packed.data(), tile_pixels / 8}, bytes, keep, out.data());
                for (std::size_t i = 0; i < tile_pixels; ++i) REQUIRE(value(out.data(), i, bytes) == (bit(keep, i) ? pixels[i] & low : 0));
            }
}

TEST_CASE("a survey says which pixels have the top bit and which bytes the others need") {
    std::mt19937 random(9);
    for (CpuTier const tier : test::cpu_tiers_here())
        for (unsigned element : {1u, 2u, 4u})
            for (int trial = 0; trial < 200; ++trial) {
                CAPTURE(name(tier));
                CAPTURE(element);
                std::uint32_t const ones = element == 4 ? 0xFFFFFFFF : (1u << 8 * element) - 1, top = ones / 2 + 1;
                std::vector<std::uint32_t> pixels(tile_pixels, any_number(random) % 100 & ones / 2);
                for (int k = 0; k < 3; ++k) { // one of a kind may decide
                    std::uint32_t const special[] = {
                        ones, ones - 1, ones - 2, top, 1u << random() % (8 * element), any_number(random) & ones};
                    if (random() % 2) pixels[random() % tile_pixels] = special[random() % 6];
                }
                auto const packed = test::shuffled(test::pixel_bytes(pixels, element), element);
                PlaneSurvey const survey = plane_kernels(tier).survey({packed.data(), tile_pixels / 8}, element);
                std::uint32_t most = 0;
                bool any_top = false, lacks = false;
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < tile_pixels; ++i) {
                    bool const is_top = pixels[i] >= top;
                    wrong += bit(survey.top, i) != is_top;
                    any_top |= is_top;
                    lacks |= is_top && pixels[i] < ones - 1;
                    if (!is_top) most |= pixels[i];
                }
                CHECK(wrong == 0);
                CHECK(survey.any_top == any_top);
                CHECK(survey.top_lacks_a_bit == lacks);
                CHECK(survey.needs_second == ((most & 0xFF00) != 0));
                CHECK(survey.needs_upper == ((most & 0xFFFF0000) != 0));
            }
}

TEST_CASE("plain pixels become the same tile with every instruction set") {
    std::mt19937 random(10);
    for (unsigned element : {1u, 2u, 4u})
        for (std::uint32_t const largest : {7u, 254u, 300u, 65533u, 2943293u, 0xFFFFFFFDu, 0xFFFFFFFFu}) {
            std::uint32_t const ones = element == 4 ? 0xFFFFFFFF : (1u << 8 * element) - 1;
            auto const pixels = test::random_pixels(random, tile_pixels, element);
            auto const plain = test::pixel_bytes(pixels, element);
            for (CpuTier const tier : test::cpu_tiers_here()) {
                Tile tile;
                plane_kernels(tier).fill(plain.data(), {tile_pixels, element, std::min(largest, ones), tier}, tile);
                std::uint32_t most = 0;
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < tile_pixels; ++i) {
                    bool const valid = pixels[i] <= std::min(largest, ones);
                    std::uint32_t const expected = valid ? pixels[i] : 0;
                    wrong +=
                        bit(tile.invalid, i) == valid || value(tile.pixels.data(), i, 1u << static_cast<unsigned>(tile.lane)) != expected;
                    most = std::max(most, expected);
                }
                CHECK(wrong == 0);
                CHECK(tile.lane == (most <= 0xFF ? Lane::u8 : most <= 0xFFFF ? Lane::u16 : Lane::u32));
            }
        }
}
