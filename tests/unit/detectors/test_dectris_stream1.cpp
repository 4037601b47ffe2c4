// Stream V1 messages: headers of every detail, images in every encoding, and messages that are wrong.
#include "detectors/dectris_stream1/decoder.hpp"
#include "detectors/dectris_stream1/encoding.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/injured_messages.hpp"
#include "tests/unit/detectors/stream1_messages.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using dectris_stream1::Encoding;
using dectris_stream1::parse_encoding;
using test::Message;

namespace {

std::vector<std::uint32_t> const six{0, 1, 200, 3, 254, 255};

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

Message with(Message message, std::size_t at, std::string const& text) {
    message[at] = test::part(text);
    return message;
}

SeriesStart start_of(Decoder& decoder, Message const& message) {
    return std::get<SeriesStart>(decoder.decode(message).value());
}
Frame frame_of(Decoder& decoder, Message const& message) {
    return std::get<Frame>(decoder.decode(message).value());
}

std::optional<DecodeFault> fault_of(Decoder& decoder, Message const& message) {
    try {
        decoder.decode(message);
    } catch (DecodeError const& error) {
        return error.fault();
    }
    return std::nullopt;
}

Message raw_image(int series = 5, int number = 0) {
    return test::stream1_image(series, number, "<", "uint8", test::pixel_bytes(six, 1));
}

} // namespace

TEST_CASE("a full header is read in the project's units") {
    auto decoder = make_dectris_stream1({});
    auto message = test::stream1_header_all(5);
    message.push_back(test::part(R"({"role":"sample"})"));
    auto const start = start_of(*decoder, message);
    CHECK(start.series == SeriesKey{5, ""});
    CHECK(start.description == "Dectris EIGER1 Si 4M");
    CHECK(start.serial_number == "E-08-0100");
    CHECK(start.rows == 2);
    CHECK(start.cols == 3);
    CHECK(start.images_expected == 1800);
    CHECK(*start.energy_keV == doctest::Approx(13.0));
    CHECK(*start.threshold_keV == doctest::Approx(6.5));
    CHECK(*start.wavelength_A == doctest::Approx(0.9537));
    CHECK(*start.count_time_s == doctest::Approx(0.0199));
    CHECK(*start.frame_time_s == doctest::Approx(0.02));
    CHECK(*start.pixel1_m * 1e6 == doctest::Approx(76)); // y is slow
    CHECK(*start.pixel2_m * 1e6 == doctest::Approx(75));
    CHECK(start.sensor_material == "Si");
    CHECK(*start.sensor_thickness_um == doctest::Approx(450));
    CHECK(start.saturation == 2943293);
    CHECK(start.countrate_correction_applied == true);
    CHECK(start.flatfield_applied == true);
    CHECK(start.pixel_mask_applied == true);
    REQUIRE(start.pixel_mask);
    CHECK(*start.pixel_mask == std::vector<std::uint32_t>{0, 1, 0, 8, 0, 0x80000000});
    CHECK(start.appendix == R"({"role":"sample"})");
    CHECK(start.date == "2026-11-22T10:00:00+01:00");
}

TEST_CASE("headers of little detail leave out what they do not say") {
    auto decoder = make_dectris_stream1({});
    auto const none = start_of(*decoder, {test::part(test::stream1_start("none", 6))});
    CHECK(none.series.series_id == 6);
    CHECK(none.rows == 0);
    CHECK_FALSE(none.energy_keV);
    CHECK_FALSE(none.images_expected);
    CHECK(start_of(*decoder, {test::part(test::stream1_start("none", 6)), test::part("free text")}).appendix == "free text");
    auto const basic = start_of(*decoder, {test::part(test::stream1_start("basic", 7)), test::part(test::stream1_config())});
    CHECK(basic.rows == 2);
    CHECK(basic.pixel_mask == nullptr);
    CHECK(basic.appendix.empty());
    auto const more =
        start_of(*decoder, {test::part(test::stream1_start("basic", 7)), test::part(test::stream1_config()), test::part("a")});
    CHECK(more.appendix == "a");
}

TEST_CASE("keys that are absent, null or zero are absent") {
    auto decoder = make_dectris_stream1({});
    auto const start = start_of(
        *decoder,
        {test::part(test::stream1_start("basic", 1)),
         test::part(
             R"({"photon_energy":0.0,"wavelength":null,"countrate_correction_count_cutoff":0,"nimages":10,"pixel_mask_applied":null})")});
    CHECK_FALSE(start.energy_keV);
    CHECK_FALSE(start.wavelength_A);
    CHECK_FALSE(start.saturation);
    CHECK_FALSE(start.pixel_mask_applied);
    CHECK(start.images_expected == 10);
}

TEST_CASE("no images expected means that their number is not known") {
    auto decoder = make_dectris_stream1({});
    auto const with_config = [&](char const* config) {
        return start_of(*decoder, {test::part(test::stream1_start("basic", 7)), test::part(config)}).images_expected;
    };
    CHECK(with_config(R"({"nimages":5,"ntrigger":2})") == 10);
    CHECK_FALSE(with_config(R"({"nimages":0,"ntrigger":2})"));
    CHECK_FALSE(with_config(R"({"nimages":5,"ntrigger":0})"));
}

TEST_CASE("a key of another type than it should have is not stated, and costs nothing else") {
    auto decoder = make_dectris_stream1({});
    auto const with_config = [&](char const* config) {
        return start_of(*decoder, {test::part(test::stream1_start("basic", 7)), test::part(config)});
    };
    auto const odd = with_config(R"({"pixel_mask_applied":2,"nimages":-1,"photon_energy":"13000","description":7,"sensor_thickness":[1],)"
                                 R"("countrate_correction_count_cutoff":1e30,"x_pixels_in_detector":3.5,"wavelength":0.95})");
    CHECK_FALSE(odd.pixel_mask_applied);
    CHECK_FALSE(odd.images_expected);
    CHECK_FALSE(odd.energy_keV);
    CHECK_FALSE(odd.sensor_thickness_um);
    CHECK_FALSE(odd.saturation);
    CHECK(odd.description.empty());
    CHECK(odd.cols == 0);
    CHECK(*odd.wavelength_A == doctest::Approx(0.95));
    CHECK_FALSE(with_config(R"({"nimages":18446744073709551615,"ntrigger":2})").images_expected);
    CHECK(with_config(R"({"nimages":10.0,"ntrigger":2})").images_expected == 20);
}

TEST_CASE("numbers that JSON has no form for are not stated, and zero bytes may follow the text") {
    auto decoder = make_dectris_stream1({});
    auto const start = start_of(*decoder, {test::part(test::stream1_start("basic", 7)),
                                           test::part(std::string(R"({"photon_energy":NaN,"wavelength":-Infinity,"count_time":Infinity,)"
                                                                  R"("description":"NaN \"Infinity","frame_time":0.02})") +
                                                      std::string(3, '\0'))});
    CHECK_FALSE(start.energy_keV);
    CHECK_FALSE(start.wavelength_A);
    CHECK_FALSE(start.count_time_s);
    CHECK(start.description == "NaN \"Infinity");
    CHECK(*start.frame_time_s == doctest::Approx(0.02));
    CHECK(fault_of(*decoder, {test::part(test::stream1_start("basic", 7)), test::part("{\"a\":NaNa}")}) == DecodeFault::malformed);
}

TEST_CASE("a word in place of the mask, as simulators send it, is no mask") {
    auto decoder = make_dectris_stream1({});
    auto const good = test::stream1_header_all(5);
    CHECK(start_of(*decoder, with(good, 5, "pixelmask-data-blob-here")).pixel_mask == nullptr);
    CHECK(start_of(*decoder, with(good, 5, R"({"blob": "blob"})")).pixel_mask == nullptr);
    CHECK(start_of(*decoder, with(good, 5, "")).pixel_mask == nullptr);
    CHECK(fault_of(*decoder, with(good, 5, std::string(20, '\0'))) == DecodeFault::truncated);
}

TEST_CASE("what 1.6 leaves out is not missed: no detail stated, few keys, no series in images, ticks") {
    auto decoder = make_dectris_stream1({});
    auto const start = start_of(*decoder, {test::part("{\"htype\":\"dheader-1.0\",\"series\":3}\n"),
                                           test::part(R"({"software_version":"1.6.6","nimages":4,"flatfield_correction_applied":1})"),
                                           test::part("appendix")});
    CHECK(start.images_expected == 4);
    CHECK(start.flatfield_applied == true);
    CHECK(start.appendix == "appendix");
    auto const frame = frame_of(*decoder, with(raw_image(), 0, "{\"frame\":2,\"hash\":\"\",\"htype\":\"dimage-1.0\"}\n"));
    CHECK(frame.series.series_id == 3);
    CHECK(frame.real_ns == 20 * 19900000);
}

TEST_CASE("type and encoding may change from image to image") {
    auto const decoder = make_dectris_stream1({});
    start_of(*decoder, test::stream1_header_all(5));
    std::vector<std::uint32_t> const pixels{0, 1, 200, 3, 250, 0xFFFFFFFF};
    auto const check = [&](char const* encoding, unsigned element, test::Bytes const& blob) {
        auto const frame = frame_of(*decoder, test::stream1_image(5, 0, encoding, "uint" + std::to_string(8 * element), blob));
        CHECK(frame.bits == 8 * element);
        CHECK(test::whole_image(*frame.tiles, 6).pixels == std::vector<std::uint32_t>{0, 1, 200, 3, 250, 0});
    };
    check("bs32-lz4<", 4, test::bslz4(test::pixel_bytes(pixels, 4), 4, 8192));
    check("<", 1, test::pixel_bytes(pixels, 1));
    check("bs16-lz4<", 2, test::bslz4(test::pixel_bytes(pixels, 2), 2, 8192));
    check("lz4<", 4, test::lz4(test::pixel_bytes(pixels, 4)));
    check("<", 2, test::pixel_bytes(pixels, 2));
    check("<", 4, test::pixel_bytes(pixels, 4));
}

TEST_CASE("big-endian pixels and Stream V2 are refused by name") {
    auto const decoder = make_dectris_stream1({});
    auto const text_of_error = [&](Message const& message) -> std::string {
        try {
            decoder->decode(message);
        } catch (DecodeError const& error) {
            CHECK(error.fault() == DecodeFault::unsupported);
            return error.what();
        }
        return "";
    };
    CHECK(text_of_error(test::stream1_image(5, 0, "bs32-lz4>", "uint32", {})).find("big-endian") != std::string::npos);
    CHECK(text_of_error({test::part("\xd9\xd9\xf7\xa3")}).find("Stream V2") != std::string::npos);
    CHECK(text_of_error({test::part("\xa3\x64type")}).find("Stream V2") != std::string::npos);
}

TEST_CASE("a cutoff says nothing when the count-rate correction is off") {
    auto decoder = make_dectris_stream1({});
    auto const config = replaced(test::stream1_config(), "_correction_applied\":true", "_correction_applied\":false");
    CHECK_FALSE(start_of(*decoder, test::stream1_header_all(5, config)).saturation);
}

TEST_CASE("booleans may be 1 and 0, parts may end in a newline, tables may be empty or named as simulators do") {
    auto decoder = make_dectris_stream1({});
    auto message =
        test::stream1_header_all(5, replaced(test::stream1_config(), "pixel_mask_applied\":true", "pixel_mask_applied\":0") + "\n");
    message[2] = test::part(R"({"htype":"flatfield-1.0","shape":[],"type":"undefined"})");
    message[3] = test::part(test::Bytes{});
    message[4] = test::part("{\"htype\":\"pixelmask-1.0\",\"shape\":[],\"type\":\"undefined\"}\n");
    message[5] = test::part(test::Bytes{});
    auto const start = start_of(*decoder, message);
    CHECK(start.pixel_mask_applied == false);
    CHECK(start.pixel_mask == nullptr);
    CHECK(start.rows == 2);
}

TEST_CASE("the mask gives the shape where the configuration does not") {
    auto decoder = make_dectris_stream1({});
    auto const start = start_of(*decoder, test::stream1_header_all(5, "{}"));
    CHECK(start.rows == 2);
    CHECK(start.cols == 3);
}

TEST_CASE("a header that contradicts itself is refused") {
    auto decoder = make_dectris_stream1({});
    auto const good = test::stream1_header_all(5);
    auto short_mask = good, long_mask = good, many_parts = good;
    short_mask[5] = test::part(test::Bytes(20));
    long_mask[5] = test::part(test::Bytes(28));
    while (many_parts.size() < 11) many_parts.push_back(test::part("x"));
    CHECK(fault_of(*decoder, short_mask) == DecodeFault::truncated);
    CHECK(fault_of(*decoder, long_mask) == DecodeFault::mismatch);
    CHECK(fault_of(*decoder, many_parts) == DecodeFault::oversized);
    CHECK(fault_of(*decoder, with(good, 4, R"({"htype":"dpixelmask-1.0","shape":[2,3],"type":"uint32"})")) == DecodeFault::mismatch);
    CHECK(fault_of(*decoder, with(good, 4, R"({"htype":"dpixelmask-1.0","shape":[3,2],"type":"uint8"})")) == DecodeFault::unsupported);
    CHECK(fault_of(*decoder, with(good, 1, R"({"x_pixels_in_detector":4,"y_pixels_in_detector":2})")) == DecodeFault::mismatch);
    CHECK(fault_of(*decoder, with(good, 1, R"({"x_pixels_in_detector":3,"y_pixels_in_detector":4})")) == DecodeFault::mismatch);
    CHECK(fault_of(*decoder, with(good, 1, "[]")) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, {test::part(R"({"header_detail":"all","htype":"dheader-1.0"})")}) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, {test::part(test::stream1_start("all", 1))}) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, good) == std::nullopt);
}

TEST_CASE("an image is read in every encoding, row by row") {
    auto const decoder = make_dectris_stream1({});
    auto const check = [&](std::string const& encoding, unsigned element, test::Bytes const& blob) {
        CAPTURE(encoding);
        auto const frame = frame_of(*decoder, test::stream1_image(5, 7, encoding, "uint" + std::to_string(8 * element), blob));
        CHECK(frame.series.series_id == 5);
        CHECK(frame.number == 7);
        CHECK(frame.rows == 2);
        CHECK(frame.cols == 3);
        CHECK(frame.bits == 8 * element);
        CHECK(frame.bytes >= blob.size());
        PixelFormat const format{6, element, largest_valid_count({element, false}, {})};
        CHECK(test::whole_image(*frame.tiles, 6) == test::expected_image(six, format));
    };
    for (unsigned element : {1u, 2u, 4u}) {
        auto const plain = test::pixel_bytes(six, element);
        check("<", element, plain);
        check("lz4<", element, test::lz4(plain));
        check("-lz4<", element, test::lz4(plain));
        check("bs" + std::to_string(8 * element) + "-lz4<", element, test::bslz4(plain, element, 8192));
        check("bs" + std::to_string(8 * element) + "lz4", element, test::bslz4(plain, element, 8192));
    }
}

TEST_CASE("the grammar of encodings") {
    CHECK(parse_encoding("<") == Encoding{0, false});
    CHECK(parse_encoding("lz4<") == Encoding{0, true});
    CHECK(parse_encoding("bs16-lz4<") == Encoding{16, true});
    CHECK_THROWS_AS(parse_encoding("bs32-lz4>"), DecodeError);
    CHECK_THROWS_AS(parse_encoding(">"), DecodeError);
    CHECK_THROWS_AS(parse_encoding("bs32<"), DecodeError);
    CHECK_THROWS_AS(parse_encoding("bs64-lz4<"), DecodeError);
    CHECK_THROWS_AS(parse_encoding("zstd<"), DecodeError);
    CHECK_THROWS_AS(parse_encoding("lz4<<"), DecodeError);
}

TEST_CASE("times are nanoseconds in API 1.8 and ticks of 20 ns in 1.6") {
    auto const decoder = make_dectris_stream1({});
    CHECK(frame_of(*decoder, raw_image()).real_ns == 19900000);
    start_of(*decoder, test::stream1_header_all(5, replaced(test::stream1_config(), "1.8.0", "1.6.6")));
    auto const frame = frame_of(*decoder, raw_image());
    CHECK(frame.real_ns == 20 * 19900000);
    CHECK(frame.start_ns == 20 * 4843213806960);
    CHECK(frame.stop_ns == 20 * 4843233706960);
    start_of(*decoder, {test::part(test::stream1_start("none", 6))}); // says nothing of the version
    CHECK(frame_of(*decoder, raw_image(6)).real_ns == 20 * 19900000);
    start_of(*decoder, test::stream1_header_all(7));
    CHECK(frame_of(*decoder, raw_image(7)).real_ns == 19900000);
}

TEST_CASE("a time too large for its unit is left out") {
    auto const decoder = make_dectris_stream1({});
    auto const frame =
        frame_of(*decoder, with(raw_image(), 3, R"({"htype":"dconfig-1.0","real_time":18446744073709551615,"stop_time":null})"));
    CHECK_FALSE(frame.real_ns);
    CHECK_FALSE(frame.stop_ns);
    CHECK_FALSE(frame_of(*decoder, with(raw_image(), 3, R"({"real_time":"soon"})")).real_ns);
}

TEST_CASE("counts above the running header's cutoff are invalid, in its series only") {
    auto const decoder = make_dectris_stream1({});
    auto const last_invalid = [&](int series) {
        return bool(test::whole_image(*frame_of(*decoder, raw_image(series)).tiles, 6).invalid[2]);
    };
    CHECK_FALSE(last_invalid(5));
    start_of(*decoder, test::stream1_header_all(5, replaced(test::stream1_config(), "2943293", "199")));
    CHECK(last_invalid(5));
    CHECK_FALSE(last_invalid(4));
    CHECK(fault_of(*decoder, with(test::stream1_header_all(6), 1, "nonsense")) == DecodeFault::malformed);
    CHECK_FALSE(last_invalid(6));
}

TEST_CASE("an image that names no series belongs to the running one") {
    auto const decoder = make_dectris_stream1({});
    auto const nameless = with(raw_image(), 0, R"({"frame":3,"htype":"dimage-1.0"})");
    CHECK(frame_of(*decoder, nameless).series.series_id == 0);
    start_of(*decoder, test::stream1_header_all(9));
    CHECK(frame_of(*decoder, nameless).series.series_id == 9);
}

TEST_CASE("an image may have an appendix and a third axis of length 1") {
    auto const decoder = make_dectris_stream1({});
    auto message = raw_image();
    message.push_back(test::part("{}"));
    auto const description = std::string(R"({"encoding":"<","htype":"dimage_d-1.0","shape":[3,2,1],"size":6,"type":"uint8"})");
    CHECK(frame_of(*decoder, with(message, 1, description)).rows == 2);
    CHECK(fault_of(*decoder, with(message, 1, replaced(description, "2,1]", "1,2]"))) == DecodeFault::unsupported);
}

TEST_CASE("an image that contradicts itself is refused by name") {
    auto const decoder = make_dectris_stream1({});
    auto const good = raw_image();
    auto const description = std::string(R"({"encoding":"<","htype":"dimage_d-1.0","shape":[3,2],"size":6,"type":"uint8"})");
    auto const fault = [&](std::string const& from, std::string const& to) {
        return fault_of(*decoder, with(good, 1, replaced(description, from, to)));
    };
    CHECK(fault("\"<\"", "\"<\"") == std::nullopt);
    CHECK(fault("\"size\":6", "\"size\":7") == DecodeFault::truncated);
    CHECK(fault("\"size\":6", "\"size\":5") == DecodeFault::mismatch);
    CHECK(fault("\"size\":6", "\"size\":-6") == DecodeFault::malformed);
    CHECK(fault("uint8", "float32") == DecodeFault::unsupported);
    CHECK(fault("\"<\"", "\"bs16-lz4<\"") == DecodeFault::mismatch);
    CHECK(fault("\"<\"", "\"lz5<\"") == DecodeFault::unsupported);
    CHECK(fault("[3,2]", "[3,0]") == DecodeFault::malformed);
    CHECK(fault("[3,2]", "[3]") == DecodeFault::malformed);
    CHECK(fault("[3,2]", "[3,\"2\"]") == DecodeFault::malformed);
    CHECK(fault("[3,2]", "[3,2000000000]") == DecodeFault::oversized);
    CHECK(fault("[3,2]", "[18446744073709551615,18446744073709551615]") == DecodeFault::oversized);
    CHECK(fault_of(*decoder, with(good, 0, R"({"frame":-3,"htype":"dimage-1.0","series":5})")) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(good, 0, R"({"frame":3,"htype":"stream-2.0","series":5})")) == DecodeFault::unsupported);
    CHECK(fault_of(*decoder, with(good, 3, "1e999")) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, {good[0], good[1], good[2]}) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(good, 0, std::string((1 << 20) + 1, ' '))) == DecodeFault::oversized);
}

TEST_CASE("an end names its series; empty messages say nothing") {
    auto const decoder = make_dectris_stream1({});
    auto const end = std::get<SeriesEnd>(*decoder->decode(Message{test::part("{\"htype\":\"dseries_end-1.0\",\"series\":14}\n")}));
    CHECK(end.series.series_id == 14);
    CHECK_FALSE(end.any_series);
    CHECK_FALSE(decoder->decode({}));
    CHECK_FALSE(decoder->decode(Message{test::part(test::Bytes{})}));
}

TEST_CASE("ten thousand injured messages are read or refused, and the decoder goes on") {
    auto const decoder = make_dectris_stream1({});
    std::vector<std::uint32_t> const image{0, 1, 2, 0xFFFFFFFF, 70000, 5};
    std::vector<Message> const sound{test::stream1_header_all(5),
                                     test::stream1_image(5, 1, "bs32-lz4<", "uint32", test::bslz4(test::pixel_bytes(image, 4), 4, 8192)),
                                     test::stream1_image(5, 2, "lz4<", "uint32", test::lz4(test::pixel_bytes(image, 4))),
                                     {test::part(R"({"htype":"dseries_end-1.0","series":5})")}};
    auto const injured = test::decode_injured(*decoder, sound, 20260101, 10000);
    CHECK(injured.read > 500);
    CHECK(injured.refused > 3000);
    CHECK(fault_of(*decoder, sound[0]) == std::nullopt);
    CHECK(test::whole_image(*frame_of(*decoder, sound[1]).tiles, 6).pixels == std::vector<std::uint32_t>{0, 1, 2, 0, 70000, 5});
}
