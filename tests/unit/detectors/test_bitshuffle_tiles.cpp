// bslz4 frames: every element size, block size and lane, and what broken ones do.
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/tile_fill.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/cpu_tiers.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/random_images.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <random>

using namespace sqd;

namespace {

PixelFormat format_of(std::size_t pixels, unsigned element, std::optional<std::uint64_t> saturation = {}) {
    return {pixels, element, largest_valid_count({element, false}, saturation)};
}

test::WholeImage decoded(test::Bytes blob, PixelFormat const& format) {
    BitshuffleTiles tiles(test::part(std::move(blob)), format);
    return test::whole_image(tiles, format.pixels);
}

void check_round_trip(std::vector<std::uint32_t> const& pixels, unsigned element, std::size_t block,
                      std::optional<std::uint64_t> saturation) {
    auto format = format_of(pixels.size(), element, saturation);
    auto const packed = test::bslz4(test::pixel_bytes(pixels, element), element, block);
    for (CpuTier const tier : test::cpu_tiers_here()) {
        CAPTURE(name(tier));
        format.tier = tier;
        CHECK(decoded(packed, format) == test::expected_image(pixels, format));
    }
}

} // namespace

TEST_CASE("random images of every element size, block size, length and saturation come back tile by tile") {
    std::mt19937 random(20261122);
    std::optional<std::uint64_t> const saturations[] = {std::nullopt, 2943293, 65535, 65534, 300, 255, 254, 7};
    for (unsigned element : {1u, 2u, 4u})
        for (std::size_t block : {8u * element, 512u * element, 8192u, 16384u, 24576u, 1048576u})
            for (std::size_t pixels : {1u, 7u, 8u, 2047u, 2048u, 2051u, 4096u, 10245u}) {
                auto const saturation = saturations[random() % std::size(saturations)];
                CAPTURE(element);
                CAPTURE(block);
                CAPTURE(pixels);
                CAPTURE(saturation.value_or(0));
                check_round_trip(test::random_pixels(random, pixels, element), element, block, saturation);
            }
}

TEST_CASE("many random frames of tile-sized blocks come back, whatever their saturation") {
    std::mt19937 random(5);
    for (int i = 0; i < 60; ++i) {
        unsigned const element = 1u << random() % 3;
        auto const saturation = random() % 3 == 0 ? std::nullopt : std::optional<std::uint64_t>(random() >> random() % 32);
        check_round_trip(test::random_pixels(random, 6 * tile_pixels + random() % 9, element), element, tile_pixels * element, saturation);
    }
}

TEST_CASE("a valid 255 beside gaps stays a count of 255") {
    std::vector<std::uint32_t> pixels(tile_pixels, 0xFFFFFFFF);
    pixels[0] = 255;
    pixels[1] = 0;
    auto const image = decoded(test::bslz4(test::pixel_bytes(pixels, 4), 4, 8192), format_of(tile_pixels, 4, 2943293));
    CHECK(image.lanes[0] == Lane::u8);
    CHECK(image.pixels[0] == 255);
    CHECK_FALSE(image.invalid[0]);
    CHECK_FALSE(image.invalid[1]);
    CHECK(image.invalid[2]);
    CHECK(image.pixels[2] == 0);
}

TEST_CASE("a huge count that no saturation forbids stays a count") {
    std::vector<std::uint32_t> pixels(tile_pixels, 5);
    pixels[3] = 0xFFFFFFFD;
    pixels[4] = 0xFFFFFFFE;
    pixels[5] = 0x80000000;
    check_round_trip(pixels, 4, 8192, std::nullopt);
    auto const image = decoded(test::bslz4(test::pixel_bytes(pixels, 4), 4, 8192), format_of(tile_pixels, 4));
    CHECK(image.pixels[3] == 0xFFFFFFFD);
    CHECK(image.invalid[4]);
    CHECK(image.lanes[0] == Lane::u32);
}

TEST_CASE("tiles may be read in any order, and again") {
    std::mt19937 random(9);
    for (std::size_t block : {4096u, 8192u, 16384u}) {
        auto const pixels = test::random_pixels(random, 9000, 4);
        auto const format = format_of(pixels.size(), 4);
        BitshuffleTiles tiles(test::part(test::bslz4(test::pixel_bytes(pixels, 4), 4, block)), format);
        auto const image = test::whole_image(tiles, pixels.size());
        PixelScratch scratch;
        tiles.prepare(scratch);
        Tile tile;
        for (std::size_t t = tile_count(pixels.size()); t-- > 0;) {
            tiles.read(t, tile);
            for (std::size_t i = 0; i < pixels_in_tile(t, pixels.size()); ++i)
                REQUIRE(test::tile_pixel(tile, i) == image.pixels[t * tile_pixels + i]);
        }
    }
}

TEST_CASE("where the header may be missing, frames come back with it and without it") {
    std::mt19937 random(12);
    for (unsigned element : {1u, 2u, 4u})
        for (std::size_t pixels : {5u, 2048u, 8192u, 20003u}) {
            auto const image = test::random_pixels(random, pixels, element);
            auto const format = format_of(pixels, element);
            auto const with = test::bslz4(test::pixel_bytes(image, element), element, bitshuffle_block_bytes);
            for (auto const& blob : {with, test::Bytes(with.begin() + framing_header_bytes, with.end())}) {
                BitshuffleTiles tiles(test::part(blob), format, BitshuffleTiles::Header::perhaps);
                CHECK(test::whole_image(tiles, pixels) == test::expected_image(image, format));
            }
            BitshuffleTiles strict(test::part(test::Bytes(with.begin() + framing_header_bytes, with.end())), format);
            PixelScratch scratch;
            CHECK_THROWS_AS(strict.prepare(scratch), DecodeError);
        }
}

TEST_CASE("a frame cut short anywhere is refused") {
    std::mt19937 random(10);
    for (unsigned element : {1u, 2u, 4u}) {
        auto const blob =
            test::bslz4(test::pixel_bytes(test::random_pixels(random, 5003, element), element), element, tile_pixels * element);
        std::size_t const step = blob.size() > 2000 ? 7 : 1;
        for (std::size_t length = 0; length < blob.size(); length += step)
            CHECK_THROWS_AS(
                decoded(test::Bytes(blob.begin(), blob.begin() + static_cast<std::ptrdiff_t>(length)), format_of(5003, element)),
                DecodeError);
    }
}

TEST_CASE("a frame with any block damaged is refused or read to its full size, and other tiles are untouched") {
    std::mt19937 random(11);
    auto const pixels = test::random_pixels(random, 8 * tile_pixels, 4);
    auto const format = format_of(pixels.size(), 4, 2943293);
    auto const blob = test::bslz4(test::pixel_bytes(pixels, 4), 4, 8192);
    auto const expected = test::expected_image(pixels, format);
    std::size_t refused = 0, at = 12;
    for (std::size_t t = 0; t < 8; ++t) {
        std::size_t const length = std::to_integer<std::size_t>(blob[at + 2]) << 8 | std::to_integer<std::size_t>(blob[at + 3]);
        for (int trial = 0; trial < 50; ++trial) {
            auto broken = blob;
            for (int i = 0; i < 4; ++i) broken[at + 4 + random() % length] ^= static_cast<std::byte>(1 + random() % 255);
            BitshuffleTiles tiles(test::part(broken), format);
            PixelScratch scratch;
            tiles.prepare(scratch);
            Tile tile;
            for (std::size_t other = 0; other < 8; ++other) {
                if (other == t) {
                    try {
                        tiles.read(t, tile);
                    } catch (DecodeError const& error) {
                        CHECK(error.fault() == DecodeFault::corrupt);
                        ++refused;
                    }
                    continue;
                }
                tiles.read(other, tile);
                REQUIRE(test::tile_pixel(tile, 100) == expected.pixels[other * tile_pixels + 100]);
            }
        }
        at += 4 + length;
    }
    CHECK(refused > 100); // most damage shows; LZ4 has no checksum, so not all
}

TEST_CASE("a block that decompresses to another length than its own is corrupt") {
    auto blob = test::bslz4(test::Bytes(16384), 4, 8192);
    auto const shorter = test::lz4(test::Bytes(8191));
    test::Bytes broken(blob.begin(), blob.begin() + 12);
    for (int i = 0; i < 2; ++i) {
        test::append_big(broken, shorter.size(), 4);
        broken.insert(broken.end(), shorter.begin(), shorter.end());
    }
    BitshuffleTiles tiles(test::part(broken), format_of(4096, 4));
    PixelScratch scratch;
    tiles.prepare(scratch);
    Tile tile;
    CHECK_THROWS_AS(tiles.read(0, tile), DecodeError);
}
