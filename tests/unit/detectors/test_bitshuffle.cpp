// The bit transposes against their definition.
#include "detectors/codec/bitshuffle.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/random_images.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace sqd;

TEST_CASE("an 8 x 8 transpose moves bit c of byte r to bit r of byte c") {
    for (unsigned r = 0; r < 8; ++r)
        for (unsigned c = 0; c < 8; ++c) CHECK(transpose_8x8(std::uint64_t{1} << (8 * r + c)) == std::uint64_t{1} << (8 * c + r));
}

TEST_CASE("unshuffling gives back what was shuffled, for every element size and length") {
    std::mt19937 random(7);
    for (unsigned element : {1u, 2u, 4u})
        for (std::size_t pixels : {8u, 16u, 72u, 2048u, 2056u}) {
            auto const plain = test::pixel_bytes(test::random_pixels(random, pixels, element), element);
            auto const packed = test::shuffled(plain, element);
            test::Bytes out(plain.size());
            unshuffle({packed.data(), pixels / 8}, pixels, element, out.data());
            CHECK(out == plain);
        }
}
