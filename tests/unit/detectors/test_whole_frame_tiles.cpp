// Frames without tiles of their own: raw, one LZ4 block, HDF5's LZ4 framing.
#include "detectors/codec/whole_frame_tiles.hpp"

#include "detectors/codec/block_framing.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/random_images.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace sqd;

namespace {

struct Sample {
    std::vector<std::uint32_t> pixels;
    PixelFormat format;
    test::Bytes plain;
};

std::vector<Sample> samples() {
    std::mt19937 random(12);
    std::vector<Sample> all;
    for (unsigned element : {1u, 2u, 4u})
        for (std::size_t pixels : {1u, 2048u, 7001u}) {
            auto const image = test::random_pixels(random, pixels, element);
            all.push_back({image, {pixels, element, largest_valid_count({element, false}, 1000)}, test::pixel_bytes(image, element)});
        }
    return all;
}

} // namespace

TEST_CASE("raw pixels are read where they lie") {
    for (auto const& sample : samples()) {
        RawTiles tiles(test::part(sample.plain), sample.format);
        CHECK(test::whole_image(tiles, sample.pixels.size()) == test::expected_image(sample.pixels, sample.format));
    }
}

TEST_CASE("raw pixels at an odd address are read too") {
    auto const sample = samples().back();
    auto shifted = sample.plain;
    shifted.insert(shifted.begin(), std::byte{1});
    auto whole = test::part(shifted);
    RawTiles tiles({whole.bytes.subspan(1), whole.owner}, sample.format);
    CHECK(test::whole_image(tiles, sample.pixels.size()) == test::expected_image(sample.pixels, sample.format));
}

TEST_CASE("a bare LZ4 block is a whole frame") {
    for (auto const& sample : samples()) {
        UnpackedTiles tiles(test::part(test::lz4(sample.plain)), sample.format, decompress_lz4_block);
        CHECK(test::whole_image(tiles, sample.pixels.size()) == test::expected_image(sample.pixels, sample.format));
    }
}

TEST_CASE("HDF5's LZ4 framing is read with small blocks and with one for the whole image") {
    for (auto const& sample : samples())
        for (std::size_t block : {std::size_t{100}, std::size_t{8192}, sample.plain.size()}) {
            UnpackedTiles tiles(test::part(test::framed_lz4(sample.plain, block)), sample.format, decompress_framed_lz4);
            CHECK(test::whole_image(tiles, sample.pixels.size()) == test::expected_image(sample.pixels, sample.format));
        }
}

TEST_CASE("raw frames of another length are refused as what they are") {
    PixelFormat const format{100, 4, 1000};
    for (auto const& [bytes, fault] : {std::pair{399, DecodeFault::truncated}, {401, DecodeFault::mismatch}, {0, DecodeFault::truncated}}) {
        RawTiles tiles(test::part(test::Bytes(static_cast<std::size_t>(bytes))), format);
        PixelScratch scratch;
        try {
            tiles.prepare(scratch);
            FAIL("no error");
        } catch (DecodeError const& error) {
            CHECK(error.fault() == fault);
        }
    }
}

TEST_CASE("an LZ4 frame that is cut short, or holds more or fewer pixels, is refused") {
    PixelFormat const format{100, 4, 1000};
    auto const good = test::lz4(test::Bytes(400));
    PixelScratch scratch;
    for (std::size_t length = 0; length < good.size(); ++length) {
        UnpackedTiles tiles(test::part(test::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))), format,
                            decompress_lz4_block);
        CHECK_THROWS_AS(tiles.prepare(scratch), DecodeError);
    }
    for (std::size_t bytes : {399u, 401u}) {
        UnpackedTiles tiles(test::part(test::lz4(test::Bytes(bytes))), format, decompress_lz4_block);
        CHECK_THROWS_AS(tiles.prepare(scratch), DecodeError);
    }
}
