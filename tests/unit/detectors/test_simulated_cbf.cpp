// The simulated Pilatus: its CBF files and messages, understood by the decoders of the real one.
#include "detectors/codec/cbf.hpp"
#include "detectors/registry.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/md5.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;

namespace {

constexpr auto lowest = std::numeric_limits<std::int32_t>::min(), highest = std::numeric_limits<std::int32_t>::max();

std::vector<std::uint32_t> as_unsigned(std::vector<std::int32_t> const& pixels) {
    return {pixels.begin(), pixels.end()};
}

/// 12 x 16 pixels with gaps (-1) and differences of all widths.
std::vector<std::int32_t> small_image() {
    std::mt19937 random(3);
    std::vector<std::int32_t> pixels(12 * 16);
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = i % 7 == 0 ? -1 : static_cast<std::int32_t>(random() >> (1 + random() % 31));
    return pixels;
}

} // namespace

TEST_CASE("byte-offset data decode to the pixels, at every width of difference") {
    std::vector<std::int32_t> pixels{0,     127, 0,      128,     1,      -126,    2,  -127,    40000, 7233,   -25535, 0,  32767, 0,
                                     32768, 0,   -32768, highest, lowest, highest, -1, highest, 0,     lowest, lowest, -1, 1};
    std::vector<std::uint32_t> decoded(pixels.size());
    decode_byte_offset(encode_byte_offset(pixels), decoded);
    CHECK(decoded == as_unsigned(pixels));
}

TEST_CASE("small differences take one byte") {
    std::vector<std::int32_t> const pixels{0, 127, 0, -127};
    CHECK(encode_byte_offset(pixels).size() == 4);
    CHECK(encode_byte_offset(std::vector<std::int32_t>{128}).size() == 3);
    CHECK(encode_byte_offset(std::vector<std::int32_t>{32768}).size() == 7);
    CHECK(encode_byte_offset(std::vector<std::int32_t>{highest, lowest}).size() == 7 + 15);
}

TEST_CASE("MD5 digests are those of RFC 1321") {
    std::string_view const text = "message digest"; // RFC 1321, appendix A.5
    CHECK(md5_hex(std::as_bytes(std::span(text))) == "f96b697d7cb7938d525a2f31aaf161d0");
    // printf 'message digest' | openssl md5 -binary | base64
    CHECK(md5_base64(std::as_bytes(std::span(text))) == "+WtpfXy3k41SWi8xqvFh0A==");
}

TEST_CASE("a written CBF file is read back: shape, checksum, cutoff and pixels") {
    CbfHeader header;
    header.name = "glass_00001";
    header.count_cutoff = 58000;
    auto const pixels = small_image();
    auto const file = write_cbf(header, 12, 16, pixels);
    auto const image = parse_cbf(file);
    CHECK(image.rows == 12);
    CHECK(image.cols == 16);
    CHECK(image.count_cutoff == 58000);
    CHECK(image.md5_base64 == md5_base64(image.packed));
    std::vector<std::uint32_t> decoded(pixels.size());
    decode_byte_offset(image.packed, decoded);
    CHECK(decoded == as_unsigned(pixels));
}

TEST_CASE("a series of the simulated Pilatus is understood, as CBF files and as raw pixels") {
    std::vector<std::int32_t> pixels = small_image();
    for (auto& pixel : pixels) pixel = pixel > 50000 ? 50000 : pixel; // below the cutoff: valid counts and gaps only
    CbfHeader header;
    header.count_cutoff = 58000;
    auto const decoder = make_decoder("pilatus_stream", {});
    CHECK(std::holds_alternative<SeriesStart>(decoder->decode(test::received(pilatus_header_message("/ramdisk/a_00000.cbf"))).value()));
    for (auto const& sent : {pilatus_cbf_message(4, 12, 16, write_cbf(header, 12, 16, pixels)), pilatus_raw_message(4, 12, 16, pixels)}) {
        auto const message = decoder->decode(test::received(sent));
        REQUIRE(message);
        auto const& frame = std::get<Frame>(*message);
        CHECK(frame.number == 4);
        CHECK(frame.rows == 12);
        CHECK(frame.cols == 16);
        CHECK(test::pixels_of(*frame.tiles, pixels.size()) == as_unsigned(pixels));
    }
    CHECK(std::holds_alternative<SeriesEnd>(decoder->decode(test::received(pilatus_end_message())).value()));
}
