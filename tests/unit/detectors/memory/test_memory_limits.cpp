// Whatever a message or file claims, no more memory is taken than the configured image, or than its own bytes explain.
#include "config/poni.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/codec/edf_header.hpp"
#include "detectors/codec/fit2d_mask.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/npy_header.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/registry.hpp"
#include "detectors/simulated/cbor_writer.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/stream/announcement.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/memory/allocations.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/stream1_messages.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

using namespace sqd;

namespace {

constexpr std::size_t image_limit = std::size_t{1} << 20, json_limit = std::size_t{16} << 10;
constexpr std::size_t little = std::size_t{64} << 10; ///< objects, error texts
/// A parsed JSON text takes at most so many times its length: "{}," makes a value and a map node.
constexpr std::size_t json_factor = 64;

DecoderOptions options() {
    DecoderOptions out;
    out.limits.max_image_bytes = out.limits.max_pixels = image_limit;
    out.limits.max_json_bytes = json_limit;
    return out;
}

/// Peak while a decoder takes a message; a frame that comes out is prepared and read.
std::size_t peak_of_message(std::string const& kind, std::vector<MessagePart> const& message) {
    auto const decoder = make_decoder(kind, options());
    return test::peak_of([&] {
        try {
            auto const decoded = decoder->decode(message);
            auto const* const frame = decoded ? std::get_if<Frame>(&*decoded) : nullptr;
            if (!frame) return;
            PixelScratch scratch;
            frame->tiles->prepare(scratch);
            Tile tile;
            for (std::size_t i = 0; i < tile_count(frame->rows * frame->cols); ++i) frame->tiles->read(i, tile);
        } catch (DecodeError const&) {
        }
    });
}

std::size_t peak_of_frame(TileReader& tiles, std::size_t pixels) {
    return test::peak_of([&] {
        try {
            PixelScratch scratch;
            tiles.prepare(scratch);
            Tile tile;
            for (std::size_t i = 0; i < tile_count(pixels); ++i) tiles.read(i, tile);
        } catch (DecodeError const&) {
        }
    });
}

std::vector<MessagePart> stream1_image(std::string const& shape, std::string const& type, std::string const& encoding,
                                       test::Bytes const& blob) {
    auto message = test::stream1_image(1, 0, encoding, type, blob);
    message[1] = test::part(R"({"encoding":")" + encoding + R"(","htype":"dimage_d-1.0","shape":)" + shape + R"(,"type":")" + type + "\"}");
    return message;
}

/// A payload's header and then nothing that it announces.
test::Bytes framing(std::uint64_t total, std::uint64_t block) {
    test::Bytes out;
    test::append_big(out, total, 8);
    test::append_big(out, block, 4);
    out.resize(40);
    return out;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

} // namespace

TEST_CASE("memory is counted") {
    CHECK(test::peak_of([] { std::vector<char> const big(image_limit); }) >= image_limit);
    CHECK(test::peak_of([] { delete new int(1); }) < 1000);
}

TEST_CASE("an image that claims to be huge takes no memory") {
    for (std::string const shape : {"[2147483648,2147483648]", "[65535,65535]", "[4294967296,4294967296]", "[18446744073709551615,1]",
                                    "[1,18446744073709551615]", "[6148914691236517206,3]", "[1048577,1]", "[0,5]"})
        for (std::string const type : {"uint8", "uint16", "uint32", "int32"})
            for (std::string const encoding : {"<", "lz4<", "bs8-lz4<", "bs16-lz4<", "bs32-lz4<"}) {
                CAPTURE(shape);
                CHECK(peak_of_message("dectris_stream1", stream1_image(shape, type, encoding, framing(~0ULL, 8192))) < little);
            }
    for (std::string const shape : {"[2147483648,2147483648]", "[65535,65535]", "[18446744073709551615,2]"})
        for (std::string const compression : {"", "none", "cbf"}) {
            CAPTURE(shape);
            CHECK(peak_of_message("pilatus_stream", {test::part(R"({"htype":"image","frame":1,"type":"int32","shape":)" + shape +
                                                                R"(,"compression":")" + compression + "\"}"),
                                                     test::part(test::Bytes(100))}) < little);
        }
}

TEST_CASE("a header whose tables claim to be huge takes no memory") {
    for (std::string const shape : {"[2147483648,2147483648]", "[65535,65535]", "[18446744073709551615,1]", "[1,0]"}) {
        auto header = test::stream1_header_all(1);
        header[4] = test::part(R"({"htype":"dpixelmask-1.0","type":"uint32","shape":)" + shape + "}");
        CHECK(peak_of_message("dectris_stream1", header) < little);
    }
}

TEST_CASE("a payload of few bytes takes none of the memory of the image it claims") {
    constexpr std::size_t pixels = image_limit / 4;
    for (std::uint64_t const total : {std::uint64_t{image_limit}, std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{0}})
        for (std::uint64_t const block : {0u, 1u, 32u, 8192u, 16384u, 0x7FFFFFE0u, 0xFFFFFFE0u, 0xFFFFFFFFu}) {
            CAPTURE(total);
            CAPTURE(block);
            auto const payload = test::part(framing(total, block));
            PixelFormat const format{pixels, 4, 1000};
            BitshuffleTiles shuffled(payload, format);
            CHECK(peak_of_frame(shuffled, pixels) < little);
            UnpackedTiles framed(payload, format, decompress_framed_lz4), bare(payload, format, decompress_lz4_block);
            CHECK(peak_of_frame(framed, pixels) < little);
            CHECK(peak_of_frame(bare, pixels) < little);
        }
}

TEST_CASE("an image of the largest size takes the memory of one image, however it is cut into blocks") {
    for (unsigned const bytes : {1u, 2u, 4u}) {
        test::Bytes const plain(image_limit);
        PixelFormat const format{image_limit / bytes, bytes, 100};
        for (std::size_t const block : {8u * bytes, 64u * bytes, 2048u * bytes, 4096u * bytes, 100'000u * bytes, 1u << 30}) {
            CAPTURE(bytes);
            CAPTURE(block);
            BitshuffleTiles tiles(test::part(test::bslz4(plain, bytes, block)), format);
            CHECK(peak_of_frame(tiles, format.pixels) < image_limit + little);
        }
        for (std::size_t const block : {std::size_t{1}, std::size_t{100}, image_limit}) {
            CAPTURE(block);
            UnpackedTiles tiles(test::part(test::framed_lz4(plain, block)), format, decompress_framed_lz4);
            CHECK(peak_of_frame(tiles, format.pixels) < image_limit + little);
        }
    }
}

TEST_CASE("a frame takes what its reader says, and the next one takes it again instead of more") {
    constexpr std::size_t pixels = image_limit / 4;
    test::Bytes const plain(image_limit), differences(pixels);
    PixelFormat const format{pixels, 4, 100};
    struct Packed {
        char const* name;
        std::size_t working_bytes;
        std::unique_ptr<TileReader> tiles;
    };
    std::vector<Packed> readers;
    readers.push_back({"raw", 0, std::make_unique<RawTiles>(test::part(plain), format)});
    readers.push_back({"tiles", 0, std::make_unique<BitshuffleTiles>(test::part(test::bslz4(plain, 4, 8192)), format)});
    readers.push_back({"other blocks", image_limit, std::make_unique<BitshuffleTiles>(test::part(test::bslz4(plain, 4, 4096)), format)});
    readers.push_back({"LZ4", image_limit, std::make_unique<UnpackedTiles>(test::part(test::lz4(plain)), format, decompress_lz4_block)});
    auto const cbf = test::cbf_file(test::cbf_header(512, pixels / 512, differences), differences);
    readers.push_back({"CBF", image_limit, std::make_unique<CbfTiles>(test::part(cbf), 512, pixels / 512)});
    PixelScratch shared;
    shared.of(image_limit);
    for (auto const& packed : readers) {
        CAPTURE(packed.name);
        CHECK(packed.tiles->working_bytes() == packed.working_bytes);
        std::size_t const peak = test::peak_of([&] {
            PixelScratch scratch;
            packed.tiles->prepare(scratch);
        });
        CHECK(peak >= packed.working_bytes);
        CHECK(peak < packed.working_bytes + little);
        CHECK(test::peak_of([&] { packed.tiles->prepare(shared); }) < little);
    }
}

TEST_CASE("a CBF file that claims to be huge takes no memory") {
    test::Bytes const packed(100);
    auto const good = test::cbf_header(10, 10, packed);
    auto const peak = [&](std::string const& from, std::string const& to) {
        auto header = good;
        header.replace(header.find(from), from.size(), to);
        return peak_of_message("pilatus_stream",
                               {test::part(R"({"htype":"image","frame":1,"type":"int32","shape":[10,10],"compression":"cbf"})"),
                                test::part(test::cbf_file(header, packed))});
    };
    for (std::string const huge : {"18446744073709551615", "9223372036854775808", "2147483648", "4294967296"}) {
        CAPTURE(huge);
        CHECK(peak("X-Binary-Size: 100", "X-Binary-Size: " + huge) < little);
        CHECK(peak("Fastest-Dimension: 10", "Fastest-Dimension: " + huge) < little);
        CHECK(peak("Second-Dimension: 10", "Second-Dimension: " + huge) < little);
        CHECK(peak("Number-of-Elements: 100", "Number-of-Elements: " + huge) < little);
    }
    CbfTiles tiles(test::part(test::cbf_file(test::cbf_header(1024, 256, packed), packed)), 1024, 256);
    CHECK(peak_of_frame(tiles, image_limit / 4) < little);
}

TEST_CASE("JSON of any shape takes memory in proportion to its length, and nests only so deep") {
    auto const body = [](std::string_view unit) {
        return R"({"htype":"dimage-1.0","x":[)" + repeated(unit, (json_limit - 100) / unit.size()) + "0]}";
    };
    for (std::string_view const unit : {"0,", "{},", "[],", "[[]],", "{\"\":0},", "{\"\":{}},", "\"\",", "1e9,", "null,"}) {
        CAPTURE(unit);
        auto const text = body(unit);
        CHECK(peak_of_message("dectris_stream1", {test::part(text)}) < json_factor * text.size());
        CHECK(peak_of_message("pilatus_stream", {test::part(text)}) < json_factor * text.size());
    }
    for (std::string_view const unit : {"[", "{\"a\":", "[{\"\":"}) {
        auto const deep = R"({"htype":)" + repeated(unit, 3000);
        CHECK(peak_of_message("dectris_stream1", {test::part(deep)}) < little);
    }
    std::string const million(1'000'000, '[');
    CHECK(peak_of_message("dectris_stream1", {test::part(million)}) < little);
    CHECK(test::peak_of([&] { CHECK_THROWS_AS(parse_announcement("{\"name\":" + million, false), DataError); }) <
          3 * million.size() + little);
    CHECK(test::peak_of([&] { CHECK_THROWS_AS(parse_poni("Detector_config: {\"max_shape\":" + million, "x.poni"), ConfigError); }) <
          8 * million.size() + little);
}

TEST_CASE("CBOR takes no memory by its claims, and user data in proportion to their length") {
    auto const head = [](unsigned major, std::uint64_t argument) {
        test::Bytes out{static_cast<std::byte>(major << 5 | 27)};
        test::append_big(out, argument, 8);
        return out;
    };
    auto const start_with = [](test::Bytes const& user_data) {
        auto const start =
            simulated::CborWriter().map(3).text("type").text("start").text("series_id").number(1).text("user_data").items(user_data).take();
        return std::vector{test::part(start)};
    };
    for (unsigned major = 0; major < 8; ++major)
        for (std::uint64_t const argument : {std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{1} << 32}) {
            CHECK(peak_of_message("dectris_stream2", {test::part(head(major, argument))}) < little);
            CHECK(peak_of_message("dectris_stream2", start_with(head(major, argument))) < little);
        }
    for (unsigned const item : {0x00u, 0x60u, 0x80u, 0xA0u, 0xF4u}) { // 0, "", [], {}, false
        std::size_t const count = json_limit - 100;
        auto const items = simulated::CborWriter().array(count).items(test::Bytes(count, static_cast<std::byte>(item))).take();
        CAPTURE(item);
        CHECK(peak_of_message("dectris_stream2", start_with(items)) < json_factor * json_limit / 4);
    }
    for (unsigned const opening : {0x81u, 0x9Fu, 0xA1u, 0xBFu, 0xC1u, 0x5Fu}) { // what nests
        CAPTURE(opening);
        test::Bytes const million(1'000'000, static_cast<std::byte>(opening));
        CHECK(peak_of_message("dectris_stream2", {test::part(million)}) < little);
        CHECK(peak_of_message("dectris_stream2", start_with(million)) < little);
    }
}

TEST_CASE("an image or mask in CBOR that claims to be huge takes no memory") {
    auto const pixels = [](std::uint64_t rows, std::uint64_t cols, std::uint64_t tag, char const* algorithm) {
        auto const payload = framing(rows * cols * 4, 8192);
        simulated::CborWriter out;
        out.tag(40).array(2).array(2).number(rows).number(cols).tag(tag);
        if (algorithm) out.tag(56500).array(3).text(algorithm).number(4);
        return out.bytes(payload).take();
    };
    for (std::uint64_t const rows : {std::uint64_t{1} << 31, std::uint64_t{65535}, ~std::uint64_t{0}, std::uint64_t{512}})
        for (std::uint64_t const cols : {std::uint64_t{1} << 31, std::uint64_t{65535}, std::uint64_t{1}, std::uint64_t{512}})
            for (char const* const algorithm : {"bslz4", "lz4", static_cast<char const*>(nullptr)}) {
                auto const array = pixels(rows, cols, 70, algorithm);
                simulated::CborWriter image, start;
                image.map(4).text("type").text("image").text("series_id").number(1).text("image_id").number(0);
                image.text("data").map(1).text("threshold_1").items(array);
                start.map(3)
                    .text("type")
                    .text("start")
                    .text("series_id")
                    .number(1)
                    .text("pixel_mask")
                    .map(1)
                    .text("threshold_1")
                    .items(array);
                CAPTURE(rows);
                CAPTURE(cols);
                CHECK(peak_of_message("dectris_stream2", {test::part(image.take())}) < little);
                CHECK(peak_of_message("dectris_stream2", {test::part(start.take())}) < little);
            }
}

TEST_CASE("a mask in CBOR takes the memory of one image of the largest size") {
    constexpr std::size_t rows = 256, cols = image_limit / 5 / rows; // 8 bits each, kept as 32
    auto const packed = test::bslz4(test::Bytes(rows * cols), 1, 8192);
    simulated::CborWriter start;
    start.map(3).text("type").text("start").text("series_id").number(1).text("pixel_mask").map(1).text("threshold_1");
    start.tag(40).array(2).array(2).number(rows).number(cols).tag(64).tag(56500).array(3).text("bslz4").number(1).bytes(packed);
    auto const peak = peak_of_message("dectris_stream2", {test::part(start.take())});
    CHECK(peak > rows * cols * 4); // it was read
    CHECK(peak < image_limit + little);
}

TEST_CASE("a message of too many parts takes no memory") {
    std::vector<MessagePart> const parts(100'000, test::part("{}"));
    CHECK(peak_of_message("dectris_stream1", parts) < little);
    CHECK(peak_of_message("pilatus_stream", parts) < little);
}

TEST_CASE("an image or mask file that claims to be huge takes no memory") {
    auto const npy = [](std::string const& shape) {
        std::string const dictionary = "{'descr': '<u4', 'fortran_order': False, 'shape': (" + shape + "), }\n";
        std::string text("\x93NUMPY\x01\0", 8);
        text += static_cast<char>(dictionary.size() & 0xFF);
        text += static_cast<char>(dictionary.size() >> 8);
        return text + dictionary + std::string(100, '\0');
    };
    for (std::string const shape :
         {"65535, 65535", "999999999, 999999999", "18446744073709551615, 1", "4294967296, 4294967296", "1, 1000"}) {
        CAPTURE(shape);
        auto const text = npy(shape);
        CHECK(test::peak_of([&] { CHECK_THROWS_AS(parse_npy_header(text), DataError); }) < 4 * little);
    }
    std::string const digits(1'000'000, '1');
    auto const endless =
        "\x93NUMPY\x02" + std::string("\0\x40\x42\x0f\0", 5) + "{'descr': '<u4', 'fortran_order': False, 'shape': (" + digits;
    CHECK(test::peak_of([&] { CHECK_THROWS_AS(parse_npy_header(endless), DataError); }) < little);
    for (std::string const side : {"65535", "999999999", "18446744073709551615", "4294967296"}) {
        auto const text = "{\nDataType = UnsignedInteger ;\nDim_1 = " + side + " ;\nDim_2 = " + side + " ;\n}\n" + std::string(100, '\0');
        CHECK(test::peak_of([&] {
                  try {
                      parse_edf_header(text); // its reader holds the shape against the limit
                  } catch (DataError const&) {
                  }
              }) < little);
    }
    for (char const side : {'\x7f', '\xff'}) {
        std::string mask(fit2d_mask_header + 100, '\0');
        for (std::size_t i = 0; i < 4; ++i) mask[4 * i] = "MASK"[i];
        for (std::size_t i = 16; i < 24; ++i) mask[i] = side;
        for (auto const most : {image_limit, std::numeric_limits<std::size_t>::max()})
            CHECK(test::peak_of([&] { CHECK_THROWS_AS(parse_fit2d_mask(std::as_bytes(std::span(mask)), most), DecodeError); }) < little);
    }
}
