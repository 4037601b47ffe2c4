// Stream V2 messages: starts, images of every kind, ends, and messages that are wrong.
#include "detectors/dectris_stream2/decoder.hpp"
#include "tests/unit/detectors/injured_messages.hpp"
#include "tests/unit/detectors/stream2_messages.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using test::cbor_array;
using test::cbor_bytes;
using test::cbor_map;
using test::cbor_null;
using test::cbor_real;
using test::cbor_tag;
using test::cbor_text;
using test::cbor_unsigned;
using test::Fields;
using test::pixel_array;
using test::pixel_bytes;
using test::stream2_image;
using test::stream2_message;
using test::stream2_start;
using test::with;

namespace {

using Message = std::vector<MessagePart>;

std::vector<std::uint32_t> const six{0, 1, 200, 3, 254, 255};

SeriesStart start_of(Decoder& decoder, Fields const& fields) {
    return std::get<SeriesStart>(decoder.decode(stream2_message(fields)).value());
}
Frame frame_of(Decoder& decoder, Fields const& fields) {
    return std::get<Frame>(decoder.decode(stream2_message(fields)).value());
}

std::optional<DecodeFault> fault_of(Decoder& decoder, Message const& message) {
    return test::fault_of([&] { decoder.decode(message); });
}
std::optional<DecodeFault> fault_of(Decoder& decoder, Fields const& fields) {
    return fault_of(decoder, stream2_message(fields));
}

/// What is wrong with an image of these pixels, in the decoder or when its tiles are read.
std::optional<DecodeFault> fault_of_pixels(test::Bytes const& pixels) {
    auto const decoder = make_dectris_stream2({});
    return test::fault_of([&] { test::whole_image(*frame_of(*decoder, stream2_image(pixels)).tiles, 6); });
}

DecoderOptions of_channel(char const* name) {
    DecoderOptions options;
    options.channel = name;
    return options;
}

test::Bytes raw_six() {
    return pixel_array(2, 3, 64, cbor_bytes(pixel_bytes(six, 1)));
}

std::string error_of(Decoder& decoder, Fields const& fields) {
    try {
        decoder.decode(stream2_message(fields));
    } catch (DecodeError const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a start is read in the project's units") {
    auto const decoder = make_dectris_stream2({});
    auto const start = start_of(*decoder, stream2_start());
    CHECK(start.series == SeriesKey{5, "01GRXWT80JSDY2FNW8SGCCDZD9"});
    CHECK(start.description == "Dectris EIGER2 Si 4M");
    CHECK(start.serial_number == "E-32-0100");
    CHECK(start.rows == 2);
    CHECK(start.cols == 3);
    CHECK(start.images_expected == 1800);
    CHECK(*start.energy_keV == doctest::Approx(13.0).epsilon(1e-3));
    CHECK(*start.threshold_keV == doctest::Approx(6.5)); // by name: the second threshold is listed first
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
    CHECK(start.appendix.empty());
    CHECK(start.date == "2026-11-22T10:00:00.000+01:00");
}

TEST_CASE("a start needs its series only; keys that are absent, null, zero or of another kind are not stated") {
    auto const decoder = make_dectris_stream2({});
    auto const bare = start_of(*decoder, {{"type", cbor_text("start")}, {"series_id", cbor_unsigned(6)}});
    CHECK(bare.series == SeriesKey{6, ""});
    CHECK(bare.rows == 0);
    CHECK_FALSE(bare.energy_keV);
    CHECK_FALSE(bare.images_expected);
    CHECK(bare.pixel_mask == nullptr);
    auto fields = stream2_start();
    for (auto& [key, value] : fields)
        if (key != "type" && key != "series_id") value = cbor_null();
    CHECK(start_of(*decoder, fields).description.empty());
    for (auto& [key, value] : fields)
        if (key != "type" && key != "series_id") value = cbor_array({cbor_text("what")});
    CHECK_FALSE(start_of(*decoder, fields).energy_keV);
    auto const zero =
        start_of(*decoder, with(with(stream2_start(), "number_of_images", cbor_unsigned(0)), "incident_energy", cbor_real(0)));
    CHECK_FALSE(zero.images_expected);
    CHECK_FALSE(zero.energy_keV);
    CHECK(start_of(*decoder, with(stream2_start(), "number_of_images", cbor_real(10))).images_expected == 10);
    CHECK(fault_of(*decoder, with(stream2_start(), "series_id", {})) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(stream2_start(), "series_id", cbor_text("5"))) == DecodeFault::malformed);
}

TEST_CASE("mask and threshold are those of the chosen channel") {
    auto const mask_of = [](std::uint32_t value) {
        return pixel_array(2, 3, 70, cbor_bytes(pixel_bytes(std::vector<std::uint32_t>(6, value), 4)));
    };
    auto const masks = cbor_map({{"threshold_1", mask_of(1)}, {"threshold_2", mask_of(2)}, {"difference", cbor_null()}});
    auto const both = cbor_array({cbor_text("threshold_1"), cbor_text("threshold_2"), cbor_text("difference")});
    auto const fields = with(with(stream2_start(), "channels", both), "pixel_mask", masks);
    auto const second = start_of(*make_dectris_stream2(of_channel("threshold_2")), fields);
    CHECK(second.pixel_mask->front() == 2);
    CHECK(*second.threshold_keV == doctest::Approx(9));
    auto const difference = start_of(*make_dectris_stream2(of_channel("difference")), fields);
    CHECK(difference.pixel_mask == nullptr);
    CHECK_FALSE(difference.threshold_keV);
    auto const none = start_of(*make_dectris_stream2({}), fields);
    CHECK(none.pixel_mask == nullptr);
    CHECK_FALSE(none.threshold_keV);
}

TEST_CASE("a simulator's channels named by number alone are found") {
    auto const fields = with(stream2_start(), "channels", cbor_array({cbor_text("1")}));
    for (auto const* const channel : {"", "1", "threshold_1"}) {
        CAPTURE(channel);
        auto const decoder = make_dectris_stream2(of_channel(channel));
        auto const start = start_of(*decoder, fields);
        CHECK(*start.threshold_keV == doctest::Approx(6.5));
        CHECK(start.pixel_mask);
        CHECK(frame_of(*decoder, stream2_image(raw_six())).channel == "threshold_1");
    }
}

TEST_CASE("a mask may be packed, may give the shape, and may be no array at all") {
    auto const decoder = make_dectris_stream2({});
    std::vector<std::uint32_t> const values{0, 1, 0, 8, 0xFFFFFFFF, 0x80000000};
    auto const bytes = pixel_bytes(values, 4);
    for (auto const& item :
         {cbor_bytes(bytes), test::packed("bslz4", 4, test::bslz4(bytes, 4, 8192)), test::packed("lz4", 0, test::framed_lz4(bytes, 24))}) {
        auto fields = with(stream2_start(), "pixel_mask", cbor_map({{"threshold_1", pixel_array(2, 3, 70, item)}}));
        fields = with(with(fields, "image_size_x", {}), "image_size_y", {});
        auto const start = start_of(*decoder, fields);
        REQUIRE(start.pixel_mask);
        CHECK(*start.pixel_mask == values);
        CHECK(start.rows == 2);
        CHECK(start.cols == 3);
    }
    auto const placeholder = with(stream2_start(), "pixel_mask", cbor_map({{"threshold_1", cbor_bytes(test::Bytes(9))}}));
    CHECK(start_of(*decoder, placeholder).pixel_mask == nullptr);
    auto const fault = [&](test::Bytes const& mask) {
        return fault_of(*decoder, with(stream2_start(), "pixel_mask", cbor_map({{"threshold_1", mask}})));
    };
    CHECK(fault(pixel_array(3, 2, 70, cbor_bytes(bytes))) == DecodeFault::mismatch);
    CHECK(fault(pixel_array(2, 3, 70, cbor_bytes(test::Bytes(20)))) == DecodeFault::truncated);
    CHECK(fault(pixel_array(2, 3, 70, cbor_bytes(test::Bytes(28)))) == DecodeFault::mismatch);
    CHECK(fault(pixel_array(2, 3, 85, cbor_bytes(bytes))) == DecodeFault::unsupported);
}

TEST_CASE("user data become the appendix: text as it is, anything else as JSON") {
    auto const decoder = make_dectris_stream2({});
    auto const appendix = [&](test::Bytes const& item) { return start_of(*decoder, with(stream2_start(), "user_data", item)).appendix; };
    CHECK(appendix(cbor_text(R"({"role":"sample"})")) == R"({"role":"sample"})");
    CHECK(appendix(cbor_map({{"role", cbor_text("background")}, {"grid", test::seconds(30, 60)}})) ==
          R"({"role":"background","grid":[30,60]})");
    CHECK(appendix(cbor_bytes(pixel_bytes({'{', '}'}, 1))) == "{}");
    CHECK(appendix(test::from_hex("8201 64f09f9299")) == "[1,\"\U0001F499\"]");
    CHECK(appendix(cbor_null()).empty());
    CHECK(appendix(cbor_bytes(test::Bytes(3, std::byte{0xFF}))).empty());
    CHECK(appendix(cbor_array({cbor_bytes(test::Bytes(3))})).empty());
    CHECK(appendix(test::from_hex("7f6161ff")).empty());
    CHECK(fault_of(*decoder, with(stream2_start(), "user_data", cbor_text(std::string((1 << 20) + 1, 'x')))) == DecodeFault::oversized);
}

TEST_CASE("an image is read in every encoding and type, row by row") {
    auto const decoder = make_dectris_stream2({});
    auto const check = [&](char const* encoding, std::uint64_t tag, unsigned element, bool is_signed, test::Bytes const& item) {
        CAPTURE(encoding);
        CAPTURE(tag);
        auto const fields = stream2_image(pixel_array(2, 3, tag, item));
        auto const frame = frame_of(*decoder, fields);
        CHECK(frame.series == SeriesKey{5, "01GRXWT80JSDY2FNW8SGCCDZD9"});
        CHECK(frame.number == 7);
        CHECK(frame.rows == 2);
        CHECK(frame.cols == 3);
        CHECK(frame.bits == 8 * element);
        CHECK(frame.is_signed == is_signed);
        CHECK(frame.encoding == encoding);
        CHECK(frame.channel == "threshold_1");
        CHECK(frame.bytes == cbor_map(fields).size());
        CHECK(frame.start_ns == 140'000'000);
        CHECK(frame.stop_ns == 159'900'000);
        CHECK(frame.real_ns == 19'900'000);
        PixelFormat const format{6, element, largest_valid_count({element, is_signed}, {})};
        CHECK(test::whole_image(*frame.tiles, 6) == test::expected_image(six, format));
    };
    struct Type {
        std::uint64_t tag;
        unsigned element;
        bool is_signed;
    };
    for (auto const [tag, element, is_signed] :
         {Type{64, 1, false}, {68, 1, false}, {69, 2, false}, {70, 4, false}, {72, 1, true}, {77, 2, true}, {78, 4, true}}) {
        auto const plain = pixel_bytes(six, element);
        auto const bslz4_name = "bslz4/" + std::to_string(element);
        check("none", tag, element, is_signed, cbor_bytes(plain));
        check("lz4/0", tag, element, is_signed, test::packed("lz4", 0, test::framed_lz4(plain, plain.size())));
        check(bslz4_name.c_str(), tag, element, is_signed, test::packed("bslz4", element, test::bslz4(plain, element, 8192)));
    }
}

TEST_CASE("the published vectors of DECTRIS' compression, as images") {
    auto const decoder = make_dectris_stream2({});
    auto const pixels = [&](std::uint64_t cols, test::Bytes const& item) {
        return test::whole_image(*frame_of(*decoder, stream2_image(pixel_array(1, cols, 64, item))).tiles, cols);
    };
    // Hex strings: dectris/compression, tests, MIT licence.
    CHECK(pixels(1, test::packed("bslz4", 1, test::from_hex("0000000000000001 00002000 89"))).pixels == std::vector<std::uint32_t>{0x89});
    auto const stored = pixels(3, test::packed("lz4", 0, test::from_hex("0000000000000003 00000002 00000002 ffff 00000001 ff")));
    CHECK(stored.invalid == std::vector<bool>(3, true));
    auto const hex = "000000000000001d 00000010 0000000a 16ff010050ffffffffff 0000000a 13ff010050ffffffffff";
    CHECK(pixels(29, test::packed("lz4", 0, test::from_hex(hex))).invalid == std::vector<bool>(29, true));
}

TEST_CASE("one of several channels is read, by its name") {
    auto const pixels_of = [](std::uint32_t value) {
        return pixel_array(2, 3, 64, cbor_bytes(pixel_bytes(std::vector<std::uint32_t>(6, value), 1)));
    };
    auto const data = cbor_map({{"threshold_1", pixels_of(1)}, {"threshold_2", pixels_of(2)}, {"difference", pixels_of(3)}});
    auto const fields = with(stream2_image(raw_six()), "data", data);
    std::uint32_t value = 0;
    for (auto const* const channel : {"threshold_1", "threshold_2", "difference"}) {
        auto const decoder = make_dectris_stream2(of_channel(channel));
        auto const frame = frame_of(*decoder, fields);
        CHECK(frame.channel == channel);
        CHECK(test::whole_image(*frame.tiles, 6).pixels == std::vector<std::uint32_t>(6, ++value));
    }
    CHECK(channel_names(stream2_message(fields)[0]) == std::vector<std::string>{"threshold_1", "threshold_2", "difference"});
    CHECK(channel_names(stream2_message(stream2_start())[0]).empty());
    auto const unchosen = make_dectris_stream2({}), absent = make_dectris_stream2(of_channel("threshold_3"));
    CHECK(fault_of(*unchosen, fields) == DecodeFault::unsupported);
    CHECK(error_of(*unchosen, fields).find("threshold_1, threshold_2, difference") != std::string::npos);
    CHECK(error_of(*unchosen, fields).find("source.channel") != std::string::npos);
    CHECK(fault_of(*absent, fields) == DecodeFault::mismatch);
    CHECK(error_of(*absent, fields).find("'threshold_3'") != std::string::npos);
    CHECK(error_of(*absent, fields).find("threshold_1, threshold_2, difference") != std::string::npos);
}

TEST_CASE("a channel that is null is not there") {
    auto const data = cbor_map({{"threshold_1", cbor_null()}, {"threshold_2", raw_six()}});
    auto const fields = with(stream2_image(raw_six()), "data", data);
    CHECK(frame_of(*make_dectris_stream2({}), fields).channel == "threshold_2");
    CHECK(channel_names(stream2_message(fields)[0]) == std::vector<std::string>{"threshold_2"});
    CHECK(fault_of(*make_dectris_stream2(of_channel("threshold_1")), fields) == DecodeFault::mismatch);
    CHECK(fault_of(*make_dectris_stream2({}), with(fields, "data", cbor_map({{"threshold_1", cbor_null()}}))) == DecodeFault::malformed);
    CHECK(fault_of(*make_dectris_stream2({}), with(fields, "data", cbor_null())) == DecodeFault::malformed);
}

TEST_CASE("the tag that says CBOR is optional, and unknown keys are passed over whatever they hold") {
    auto const decoder = make_dectris_stream2({});
    auto fields = stream2_image(raw_six());
    fields.insert(fields.begin(), {"new", test::from_hex("9f bf 61 61 5f 41 01 ff ff c1 82 f97e00 f7 ff")});
    auto message = stream2_message(fields);
    CHECK(std::get<Frame>(*decoder->decode(message)).number == 7);
    message[0] = test::part(cbor_tag(55799, cbor_map(fields)));
    CHECK(std::get<Frame>(*decoder->decode(message)).number == 7);
}

TEST_CASE("times of any fraction become nanoseconds, or are left out") {
    auto const decoder = make_dectris_stream2({});
    auto const ns = [&](test::Bytes const& item) {
        return frame_of(*decoder, with(stream2_image(raw_six()), "start_time", item)).start_ns;
    };
    CHECK(ns(test::seconds(0, 50000000)) == 0);
    CHECK(ns(test::seconds(7, 1)) == 7'000'000'000);
    CHECK(ns(test::seconds(1, 3)) == 333'333'333);
    CHECK(ns(test::seconds(1'000'000'000'000'000, 50'000'000)) == 20'000'000'000'000'000);
    CHECK(ns(test::seconds(0x8000000000000000, 0xFFFFFFFFFFFFFFFF)).value() == doctest::Approx(5e8).epsilon(1e-8));
    CHECK_FALSE(ns(test::seconds(1, 0)));
    CHECK_FALSE(ns(test::seconds(0xFFFFFFFFFFFFFFFF, 1)));
    CHECK_FALSE(ns(cbor_array({cbor_unsigned(1)})));
    CHECK_FALSE(ns(cbor_array({cbor_real(1), cbor_unsigned(1)})));
    CHECK_FALSE(ns(cbor_text("now")));
    CHECK_FALSE(ns(cbor_null()));
    CHECK_FALSE(ns({}));
}

TEST_CASE("counts above the running start's saturation are invalid, in its series only") {
    auto const decoder = make_dectris_stream2({});
    auto const third_invalid = [&](Fields const& fields) {
        return bool(test::whole_image(*frame_of(*decoder, fields).tiles, 6).invalid[2]);
    };
    auto const image = stream2_image(raw_six());
    auto const other = with(image, "series_unique_id", cbor_text("01GRXWT80JSDY2FNW8SGCCDZD8"));
    CHECK_FALSE(third_invalid(image));
    start_of(*decoder, with(stream2_start(), "saturation_value", cbor_unsigned(199)));
    CHECK(third_invalid(image));
    CHECK_FALSE(third_invalid(other));
    CHECK_FALSE(third_invalid(with(image, "series_id", cbor_unsigned(4))));
    auto const nameless = with(with(image, "series_id", {}), "series_unique_id", {});
    CHECK(third_invalid(nameless)); // of the running series
    CHECK(frame_of(*decoder, nameless).series == SeriesKey{5, "01GRXWT80JSDY2FNW8SGCCDZD9"});
    auto const broken = with(with(stream2_start(), "series_unique_id", cbor_text("01GRXWT80JSDY2FNW8SGCCDZD8")), "pixel_mask",
                             cbor_map({{"threshold_1", pixel_array(2, 4, 70, cbor_bytes(test::Bytes(32)))}}));
    CHECK(fault_of(*decoder, broken) == DecodeFault::mismatch);
    CHECK_FALSE(third_invalid(other));
    DecoderOptions as_written;
    as_written.pixels = PixelRule::as_written;
    auto const image_as_written = test::whole_image(*frame_of(*make_dectris_stream2(as_written), image).tiles, 6);
    CHECK(image_as_written.pixels == six);
}

TEST_CASE("an end names its series; empty messages say nothing") {
    auto const decoder = make_dectris_stream2({});
    auto const end = std::get<SeriesEnd>(*decoder->decode(stream2_message(
        {{"type", cbor_text("end")}, {"series_id", cbor_unsigned(5)}, {"series_unique_id", cbor_text("01GRXWT80JSDY2FNW8SGCCDZD9")}})));
    CHECK(end.series == SeriesKey{5, "01GRXWT80JSDY2FNW8SGCCDZD9"});
    CHECK_FALSE(end.any_series);
    CHECK_FALSE(decoder->decode({}));
    CHECK_FALSE(decoder->decode(Message{test::part(test::Bytes{})}));
}

TEST_CASE("what is no Stream V2 is refused by name") {
    auto const decoder = make_dectris_stream2({});
    auto const refused = [&](Fields const& fields, char const* word) {
        CHECK(fault_of(*decoder, fields) == DecodeFault::unsupported);
        CHECK(error_of(*decoder, fields).find(word) != std::string::npos);
    };
    refused({{"type", cbor_text("start")}, {"series_number", cbor_unsigned(1)}}, "pre-release");
    refused({{"type", cbor_text("image")}, {"series_number", cbor_unsigned(1)}, {"image_number", cbor_unsigned(1)}}, "pre-release");
    refused({{"type", cbor_text("image")}, {"channels", cbor_array({cbor_map({{"data_type", cbor_text("uint16le")}})})}}, "pre-release");
    refused({{"htype", cbor_text("image")}}, "pre-release");
    refused({{"type", cbor_text("calibration")}}, "calibration");
    Message const json{test::part(R"({"htype":"dheader-1.0","series":1})"), test::part("{}")};
    CHECK(fault_of(*decoder, json) == DecodeFault::unsupported);
    Message two = stream2_message(stream2_start());
    two.push_back(two[0]);
    CHECK(fault_of(*decoder, two) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, Message{test::part(test::from_hex("8101"))}) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, Message{test::part(test::from_hex("a0"))}) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, Message{test::part(test::joined({cbor_map(stream2_start()), test::from_hex("00")}))}) ==
          DecodeFault::malformed);
    CHECK(fault_of(*decoder, stream2_start()) == std::nullopt);
}

TEST_CASE("an image that contradicts itself is refused by name") {
    auto const plain = pixel_bytes(six, 2);
    auto const payload = test::bslz4(plain, 2, 8192);
    auto const shaped = [&](std::uint64_t rows, std::uint64_t cols) { return pixel_array(rows, cols, 69, cbor_bytes(plain)); };
    auto const typed = [&](std::uint64_t tag) { return pixel_array(2, 3, tag, cbor_bytes(plain)); };
    CHECK(fault_of_pixels(shaped(2, 3)) == std::nullopt);
    CHECK(fault_of_pixels(shaped(2, 2)) == DecodeFault::mismatch);
    CHECK(fault_of_pixels(shaped(3, 3)) == DecodeFault::truncated);
    CHECK(fault_of_pixels(shaped(0, 3)) == DecodeFault::malformed);
    CHECK(fault_of_pixels(shaped(2147483648, 2147483648)) == DecodeFault::oversized);
    CHECK(fault_of_pixels(shaped(0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)) == DecodeFault::oversized);
    for (std::uint64_t const tag : {65u, 66u, 73u, 74u, 71u, 79u, 80u, 85u, 86u, 1u, 40u}) {
        CAPTURE(tag);
        CHECK(fault_of_pixels(typed(tag)) == DecodeFault::unsupported);
    }
    auto const of_shape = [&](test::Bytes const& shape) { return cbor_tag(40, cbor_array({shape, cbor_tag(69, cbor_bytes(plain))})); };
    CHECK(fault_of_pixels(of_shape(cbor_array({cbor_unsigned(6)}))) == DecodeFault::malformed);
    CHECK(fault_of_pixels(of_shape(cbor_array({cbor_unsigned(1), cbor_unsigned(2), cbor_unsigned(3)}))) == DecodeFault::unsupported);
    CHECK(fault_of_pixels(of_shape(cbor_array({cbor_real(2), cbor_unsigned(3)}))) == DecodeFault::malformed);
    CHECK(fault_of_pixels(cbor_tag(1040, cbor_array({test::seconds(2, 3), cbor_tag(69, cbor_bytes(plain))}))) == DecodeFault::unsupported);
    CHECK(fault_of_pixels(cbor_tag(40, cbor_array({test::seconds(2, 3)}))) == DecodeFault::malformed);
    CHECK(fault_of_pixels(cbor_tag(40, cbor_array({test::seconds(2, 3), cbor_tag(69, cbor_bytes(plain)), cbor_null()}))) ==
          DecodeFault::malformed);
    CHECK(fault_of_pixels(cbor_bytes(plain)) == DecodeFault::malformed);
    auto const packed = [&](char const* algorithm, std::uint64_t element) {
        return pixel_array(2, 3, 69, test::packed(algorithm, element, payload));
    };
    CHECK(fault_of_pixels(packed("bslz4", 2)) == std::nullopt);
    CHECK(fault_of_pixels(packed("bslz4", 4)) == DecodeFault::mismatch);
    CHECK(fault_of_pixels(packed("zstd", 0)) == DecodeFault::unsupported);
    CHECK(fault_of_pixels(packed("", 0)) == DecodeFault::unsupported);
    CHECK(fault_of_pixels(pixel_array(2, 4, 69, test::packed("bslz4", 2, payload))) == DecodeFault::mismatch);
    CHECK(fault_of_pixels(pixel_array(2, 3, 70, test::packed("lz4", 0, test::framed_lz4(plain, 12)))) == DecodeFault::mismatch);
    auto const short_pack = cbor_tag(56500, cbor_array({cbor_text("bslz4"), cbor_unsigned(2)}));
    CHECK(fault_of_pixels(pixel_array(2, 3, 69, short_pack)) == DecodeFault::malformed);
    CHECK(fault_of_pixels(pixel_array(2, 3, 69, cbor_tag(56501, cbor_array({})))) == DecodeFault::unsupported);
    auto const decoder = make_dectris_stream2({});
    CHECK(fault_of(*decoder, with(stream2_image(raw_six()), "image_id", {})) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(stream2_image(raw_six()), "image_id", cbor_text("7"))) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(stream2_image(raw_six()), "type", cbor_unsigned(7))) == DecodeFault::malformed);
    CHECK(fault_of(*decoder, with(stream2_image(raw_six()), "data", raw_six())) == DecodeFault::malformed);
}

TEST_CASE("a message cut short anywhere is truncated, never a frame") {
    auto const decoder = make_dectris_stream2({});
    for (auto const& fields :
         {stream2_start(), stream2_image(pixel_array(2, 3, 69, test::packed("bslz4", 2, test::bslz4(pixel_bytes(six, 2), 2, 8192))))}) {
        auto const whole = test::part(cbor_map(fields));
        for (std::size_t length = 1; length < whole.bytes.size(); ++length)
            REQUIRE(fault_of(*decoder, Message{{whole.bytes.first(length), whole.owner}}) == DecodeFault::truncated);
        CHECK(fault_of(*decoder, Message{whole}) == std::nullopt);
    }
}

TEST_CASE("twenty thousand injured messages are read or refused, and the decoder goes on") {
    auto const decoder = make_dectris_stream2({});
    auto const plain = pixel_bytes(six, 4);
    auto const bslz4 = stream2_image(pixel_array(2, 3, 70, test::packed("bslz4", 4, test::bslz4(plain, 4, 8192))));
    auto const lz4 = stream2_image(pixel_array(2, 3, 70, test::packed("lz4", 0, test::framed_lz4(plain, 16))));
    std::vector<Message> const sound{stream2_message(stream2_start()), stream2_message(bslz4), stream2_message(lz4),
                                     stream2_message(stream2_image(raw_six()))};
    auto const injured = test::decode_injured(*decoder, sound, 20260102, 20000);
    CHECK(injured.read > 500);
    CHECK(injured.refused > 5000);
    CHECK(test::whole_image(*frame_of(*decoder, bslz4).tiles, 6).pixels == std::vector<std::uint32_t>{0, 1, 200, 3, 254, 255});
}
