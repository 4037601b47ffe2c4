// The PILATUS shim: headers counted as series, raw and CBF images.
#include "detectors/pilatus_stream/decoder.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/injured_messages.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <random>
#include <utility>

using namespace sqd;
using namespace sqd::simulated;
using test::received;

namespace {

using Received = std::vector<MessagePart>;

std::vector<std::int32_t> const six{0, 70000, -1, 3, -2, 255};

Received header() {
    return {test::part(R"({"htype": "header","filename": "/ramdisk/vit4_00000.cbf"})")};
}

Received image(std::string const& compression, test::Bytes const& blob) {
    return {test::part(R"({"htype": "image","frame": 4,"shape": [2,3],"type": "int32","compression": ")" + compression + "\"}"),
            test::part(blob)};
}

test::Bytes raw_pixels() {
    return test::pixel_bytes({six.begin(), six.end()}, 4);
}

test::Bytes file() {
    auto const packed = test::byte_offset(six);
    auto header_text = test::cbf_header(2, 3, packed);
    header_text.replace(header_text.find("Count_cutoff 1000"), 17, "Count_cutoff 99999");
    return test::cbf_file(header_text, packed);
}

DecodeError error_of(Received const& message, DecoderOptions const& options) {
    try {
        make_pilatus_stream(options)->decode(message);
    } catch (DecodeError const& error) {
        return error;
    }
    FAIL("no error");
    return {DecodeFault::malformed, ""};
}

DecodeFault fault_of(Received const& message, DecoderOptions const& options = {}) {
    return error_of(message, options).fault();
}

std::string complaint(Received const& message) {
    return error_of(message, {}).what();
}

Frame frame_of(Decoder& decoder, Received const& message) {
    auto const decoded = decoder.decode(message);
    REQUIRE(decoded);
    return std::get<Frame>(*decoded);
}

} // namespace

TEST_CASE("series are counted by their headers, and images and ends belong to the last one") {
    auto const decoder = make_pilatus_stream({});
    Received const end{test::part(R"({"htype": "series_end"})")};
    CHECK(std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id == 0);
    for (std::uint64_t series = 1; series <= 3; ++series) {
        auto const start = std::get<SeriesStart>(*decoder->decode(header()));
        CHECK(start.series == SeriesKey{series, ""});
        CHECK(start.appendix == "/ramdisk/vit4_00000.cbf");
        CHECK(std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id == series);
        auto const ended = std::get<SeriesEnd>(*decoder->decode(end));
        CHECK(ended.series.series_id == series);
        CHECK(ended.any_series);
        CHECK(start.first_image == 0); // the count of vit4_00000.cbf
    }
}

TEST_CASE("an image after the end of a series opens the next one, though its header is lost or damaged") {
    auto const decoder = make_pilatus_stream({});
    auto const series_of_image = [&] { return std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id; };
    decoder->decode(header());
    CHECK(series_of_image() == 1);
    decoder->decode(Received{test::part(R"({"htype": "series_end"})")});
    CHECK(series_of_image() == 2);
    CHECK(series_of_image() == 2);
    CHECK_THROWS_AS(decoder->decode(Received{test::part(R"({"htype": "header","filename": 5})")}), DecodeError);
    CHECK(series_of_image() == 3);
}

TEST_CASE("a CBF image says its exposure, in seconds") {
    auto const exposure_of = [](std::string const& line) {
        auto const packed = test::byte_offset(six);
        auto text = test::cbf_header(2, 3, packed);
        text.insert(text.find("# Count_cutoff"), line);
        return std::get<Frame>(*make_pilatus_stream({})->decode(image("cbf", test::cbf_file(text, packed)))).exposure_s;
    };
    CHECK(exposure_of("# Exposure_time 0.0990000 s\r\n") == 0.099);
    CHECK_FALSE(exposure_of(""));
    CHECK_FALSE(exposure_of("# Exposure_time nan s\r\n"));
    CHECK_FALSE(exposure_of("# Exposure_time 0 s\r\n"));
    CHECK_FALSE(std::get<Frame>(*make_pilatus_stream({})->decode(image("", raw_pixels()))).exposure_s);
}

TEST_CASE("raw and CBF images give the same frame, negative pixels invalid") {
    auto const decoder = make_pilatus_stream({});
    for (auto const& message : {image("", raw_pixels()), image("none", raw_pixels()), image("cbf", file())}) {
        auto const frame = std::get<Frame>(*decoder->decode(message));
        CHECK(frame.number == 4);
        CHECK(frame.rows == 2);
        CHECK(frame.cols == 3);
        CHECK(frame.bits == 32);
        auto const whole = test::whole_image(*frame.tiles, 6);
        CHECK(whole.pixels == std::vector<std::uint32_t>{0, 70000, 0, 3, 0, 255});
        CHECK(whole.invalid == std::vector<bool>{false, false, true, false, true, false});
        CHECK(whole.clean_tail);
    }
}

TEST_CASE("the count of the first image is read from the file name, where it has one") {
    auto const first_image = [](std::string const& filename) {
        return std::get<SeriesStart>(*make_pilatus_stream({})->decode(received(pilatus_header_message(filename)))).first_image;
    };
    CHECK(first_image("/ramdisk/t_0008.cbf") == 8);
    CHECK(first_image("/ramdisk/t.cbf") == std::nullopt);
    CHECK(first_image("/ramdisk/t_014B.cbf") == std::nullopt);
    CHECK(first_image("output/xrd.h5") == std::nullopt);
    CHECK(first_image("") == std::nullopt);
}

TEST_CASE("single images without a number are number 0 of their series") {
    auto const decoder = make_pilatus_stream({});
    for (std::uint64_t series = 1; series < 4; ++series) {
        decoder->decode(received(pilatus_header_message("/ramdisk/t.cbf")));
        auto const frame = frame_of(*decoder, received(pilatus_raw_message(std::nullopt, 2, 3, six)));
        CHECK(frame.series.series_id == series);
        CHECK(frame.number == 0);
        decoder->decode(received(pilatus_end_message()));
    }
    auto const null = test::part(R"({"htype":"image","frame":null,"shape":[2,3],"type":"int32","compression":""})");
    CHECK(frame_of(*decoder, {null, test::part(raw_pixels())}).number == 0);
}

TEST_CASE("an aborted series is over when the next header comes, or when its frames begin anew") {
    auto const decoder = make_pilatus_stream({});
    auto const series_of = [&](std::uint64_t frame) {
        auto const decoded = frame_of(*decoder, received(pilatus_raw_message(frame, 2, 3, six)));
        CHECK_FALSE(decoded.series_named);
        return decoded.series.series_id;
    };
    decoder->decode(received(pilatus_header_message("/ramdisk/a_00000.cbf")));
    CHECK(series_of(0) == 1);
    CHECK(series_of(1) == 1);
    decoder->decode(received(pilatus_header_message("/ramdisk/b_00000.cbf"))); // no end came
    CHECK(series_of(0) == 2);
    CHECK(series_of(2) == 2);
    CHECK(series_of(1) == 2);
    CHECK(series_of(0) == 3); // no end and no header
    CHECK(series_of(1) == 3);
}

TEST_CASE("a CBF image says what its header says") {
    auto const frame = frame_of(*make_pilatus_stream({}), image("cbf", file()));
    REQUIRE(frame.about);
    CHECK(frame.about->description == "PILATUS3 test");
    CHECK(frame.about->saturation == 99999);
    CHECK(frame.about->rows == 2);
    CHECK(frame_of(*make_pilatus_stream({}), image("", raw_pixels())).about == nullptr);
}

TEST_CASE("images that were passed on are read in every type and compression") {
    std::mt19937 random(31);
    for (std::string const type : {"uint8", "uint16", "uint32", "int32"}) {
        unsigned const bytes = type == "uint8" ? 1 : type == "uint16" ? 2 : 4;
        std::vector<std::uint32_t> pixels(60 * 50);
        for (auto& pixel : pixels) pixel = static_cast<std::uint32_t>(random() % 100);
        pixels[7] = bytes == 4 ? 0xFFFFFFFF : bytes == 2 ? 0xFFFF : 0xFF;
        auto const plain = test::pixel_bytes(pixels, bytes), packed = test::bslz4(plain, bytes, 8192);
        pixels[7] = 0;
        for (auto const& [compression, payload] :
             {std::pair{"none", plain}, std::pair{"bslz4", packed}, std::pair{"bslz4", without_framing_header(packed)}}) {
            PassedImage sent{3, 4, 0, 60, 50, type, compression, 0.25};
            auto const frame = frame_of(*make_pilatus_stream({}), received(passed_image_message(sent, {payload})));
            CAPTURE(type);
            CHECK(frame.number == 4);
            CHECK(frame.rows == 60);
            CHECK(frame.bits == 8 * bytes);
            CHECK(frame.is_signed == (type == "int32"));
            CHECK(frame.encoding == compression);
            CHECK(frame.channel == "");
            CHECK(frame.exposure_s == 0.25);
            auto const whole = test::whole_image(*frame.tiles, pixels.size());
            CHECK(whole.pixels == pixels);
            CHECK(whole.invalid[7]);
        }
    }
}

TEST_CASE("what a receiver passes on as a recording has it is read") {
    // The texts of a recorded stream of MAX IV (dranspose, tests/data/dump_xrd.cbors, MIT licence), with other pixels.
    auto const decoder = make_pilatus_stream({});
    auto const start = std::get<SeriesStart>(
        *decoder->decode(Received{test::part(R"({"htype": "header", "filename": "output/xrd.h5", "msg_number": 0})")}));
    CHECK(start.series.series_id == 1);
    CHECK(start.first_image == std::nullopt);
    auto const frame =
        frame_of(*decoder, {test::part(R"({"htype": "image", "frame": 0, "shape": [10, 10], "type": "uint16", "compression": "none", )"
                                       R"("msg_number": 1})"),
                            test::part(test::Bytes(200))});
    CHECK(frame.series.series_id == 1);
    CHECK(test::whole_image(*frame.tiles, 100).pixels == std::vector<std::uint32_t>(100));
    auto const end = std::get<SeriesEnd>(*decoder->decode(Received{test::part(R"({"htype": "series_end", "msg_number": 10})")}));
    CHECK(end.series.series_id == 1);
}

TEST_CASE("messages are counted on across series, so that each has another mark, also for who hears only some of its images") {
    std::vector<Part> const pixels{Part(24)};
    auto const mark_of = [&](std::uint64_t message, std::uint64_t frame) {
        PassedImage image;
        image.message = message;
        image.frame = frame;
        image.rows = 2;
        image.cols = 3;
        return frame_of(*make_pilatus_stream({}), received(passed_image_message(image, pixels))).mark;
    };
    auto const mark = mark_of(1, 0); // behind its header
    CHECK_FALSE(mark.empty());
    CHECK(mark_of(10, 9) == mark);
    CHECK(mark_of(13, 0) != mark);                                                   // behind an end and a header
    CHECK(mark_of(25, 22) != mark);                                                  // behind these, by a detector that counts on
    CHECK(mark_of(12, 10) != mark);                                                  // behind a header alone
    CHECK(frame_of(*make_pilatus_stream({}), image("", raw_pixels())).mark.empty()); // its messages have no numbers
}

TEST_CASE("a second part of a header is what is said of the scan") {
    auto const decoder = make_pilatus_stream({});
    auto const start = std::get<SeriesStart>(*decoder->decode(received(passed_header_message(5, "scan.h5", R"({"role":"background"})"))));
    CHECK(start.appendix == R"({"role":"background"})");
    DecoderOptions options;
    options.limits.max_json_bytes = 100;
    auto const long_one = received(passed_header_message(6, "scan.h5", std::string(101, ' ')));
    CHECK_THROWS_AS(make_pilatus_stream(options)->decode(long_one), DecodeError);
}

TEST_CASE("of several thresholds the one that is asked for is read") {
    std::vector<Part> const payloads{test::pixel_bytes({1, 2, 3, 4, 5, 6}, 2), test::pixel_bytes({6, 5, 4, 3, 2, 1}, 2)};
    PassedImage const sent{3, 4, 2, 2, 3, "uint16", "none", std::nullopt};
    auto const message = received(passed_image_message(sent, payloads));
    DecoderOptions options;
    options.channel = "threshold_2";
    auto const frame = frame_of(*make_pilatus_stream(options), message);
    CHECK(frame.channel == "threshold_2");
    CHECK(frame.rows == 2);
    CHECK(frame.cols == 3);
    CHECK(test::whole_image(*frame.tiles, 6).pixels == std::vector<std::uint32_t>{6, 5, 4, 3, 2, 1});
    options.channel = "threshold_3";
    CHECK(fault_of(message, options) == DecodeFault::mismatch);
    CHECK(fault_of(message) == DecodeFault::unsupported);
    CHECK(complaint(message).find("threshold_1, threshold_2, none is chosen") != std::string::npos);
    options.channel = "threshold_1";
    CHECK(fault_of({message[0], message[1]}, options) == DecodeFault::malformed);
    auto const one = received(passed_image_message({3, 4, 1, 2, 3, "uint16", "none", std::nullopt}, {payloads[0]}));
    CHECK(frame_of(*make_pilatus_stream({}), one).channel == "threshold_1");
}

TEST_CASE("shapes that cannot be are refused before memory is asked for") {
    auto const of_shape = [](std::string const& shape) {
        return Received{test::part(R"({"htype":"image","frame":1,"shape":)" + shape + R"(,"type":"uint16","compression":"bslz4"})"),
                        test::part(test::Bytes(40))};
    };
    CHECK(fault_of(of_shape("[2147483648,2147483648]")) == DecodeFault::oversized);
    CHECK(fault_of(of_shape("[18446744073709551615,3]")) == DecodeFault::oversized);
    CHECK(fault_of(of_shape("[18446744073709551615,2,3]")) == DecodeFault::malformed); // thresholds without payloads
    CHECK(fault_of(of_shape("[0,3]")) == DecodeFault::malformed);
    CHECK(fault_of(of_shape("[1,1,2,3]")) == DecodeFault::unsupported);
    CHECK(fault_of(of_shape("[2]")) == DecodeFault::malformed);
    CHECK(fault_of(of_shape("[-2,3]")) == DecodeFault::malformed);
}

TEST_CASE("what the shim never sends is refused by name") {
    CHECK(fault_of({test::part("{}")}) == DecodeFault::malformed);
    CHECK(fault_of({test::part("STOP")}) == DecodeFault::malformed);
    CHECK(fault_of({test::part(R"({"htype":"image","x":)" + std::string(100, '[') + std::string(100, ']') + "}")}) ==
          DecodeFault::malformed);
    CHECK(fault_of({test::part(R"({"htype":"dheader-1.0","series":1})")}) == DecodeFault::unsupported);
    CHECK(fault_of({image("", raw_pixels())[0]}) == DecodeFault::malformed);
    CHECK(fault_of(image("lz4", raw_pixels())) == DecodeFault::unsupported);
    auto frame = image("", test::Bytes(20));
    PixelScratch scratch;
    CHECK_THROWS_AS(std::get<Frame>(*make_pilatus_stream({})->decode(frame)).tiles->prepare(scratch), DecodeError);
}

TEST_CASE("ten thousand injured messages of the shim are read or refused") {
    auto const decoder = make_pilatus_stream({});
    std::vector<Received> const sound{
        header(),
        image("", raw_pixels()),
        image("cbf", file()),
        received(passed_image_message({3, 4, 1, 2, 3, "int32", "bslz4", 0.5}, {test::bslz4(raw_pixels(), 4, 8192)})),
        received(passed_header_message(2, "a.h5", "{}")),
        received(passed_end_message(9))};
    auto const injured = test::decode_injured(*decoder, sound, 20260102, 10000);
    CHECK(injured.read > 500);
    CHECK(injured.refused > 3000);
}
