// The simulated detector of Stream V2, understood by the decoder of the real one; its CBOR, byte for byte.
#include "detectors/dectris_stream2/decoder.hpp"
#include "detectors/simulated/cbor_writer.hpp"
#include "detectors/simulated/stream2_messages.hpp"
#include "pipeline/core/units.hpp"
#include "tests/unit/detectors/cbor_bytes.hpp"
#include "tests/unit/detectors/random_images.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;

namespace {

Stream2Series small_series() {
    Stream2Series s;
    s.series_id = 42;
    s.description = "Simulated 256";
    s.rows = 50;
    s.cols = 101;
    s.pixel_m = 75e-6;
    s.energy_keV = 13;
    s.sensor_material = "Si";
    s.sensor_thickness_um = 450;
    s.exposure_s = 0.02;
    s.period_s = 0.025;
    s.images = 7;
    s.count_cutoff = 58000;
    s.channels[0].threshold_keV = 9;
    s.channels[0].pixel_mask.assign(s.rows * s.cols, 0);
    s.channels[0].pixel_mask[51] = 8;
    s.date = "2026-11-22T10:00:00.000+00:00";
    s.user_data = R"({"role":"sample"})";
    return s;
}

SeriesStart start_of(Stream2Series const& series, HeaderDetail detail, std::string const& channel = "") {
    DecoderOptions options;
    options.channel = channel;
    return std::get<SeriesStart>(*make_dectris_stream2(options)->decode(test::received(stream2_start_message(series, detail))));
}

} // namespace

TEST_CASE("the start of the simulated detector says what the series is") {
    auto const start = start_of(small_series(), HeaderDetail::all);
    CHECK(start.series == SeriesKey{42, small_series().unique_id});
    CHECK(start.description == "Simulated 256");
    CHECK(start.rows == 50);
    CHECK(start.cols == 101);
    CHECK(start.images_expected == 7);
    CHECK(start.energy_keV.value() == doctest::Approx(13));
    CHECK(start.wavelength_A.value() == doctest::Approx(wavelength_A(13.0)));
    CHECK(start.threshold_keV.value() == doctest::Approx(9));
    CHECK(start.count_time_s.value() == doctest::Approx(0.02));
    CHECK(start.frame_time_s.value() == doctest::Approx(0.025));
    CHECK(start.pixel1_m.value() == doctest::Approx(75e-6));
    CHECK(start.sensor_thickness_um.value() == doctest::Approx(450));
    CHECK(start.saturation == 58000);
    CHECK(start.date == "2026-11-22T10:00:00.000+00:00");
    REQUIRE(start.pixel_mask);
    CHECK(*start.pixel_mask == small_series().channels[0].pixel_mask);
    CHECK(start.appendix == R"({"role":"sample"})");
}

TEST_CASE("a start of little detail has no mask, but the user's data") {
    for (auto const detail : {HeaderDetail::none, HeaderDetail::basic}) {
        auto const start = start_of(small_series(), detail);
        CHECK(start.pixel_mask == nullptr);
        CHECK(start.energy_keV.value() == doctest::Approx(13));
        CHECK(start.appendix == R"({"role":"sample"})");
    }
    auto series = small_series();
    series.user_data_cbor = CborWriter().map(1).text("role").text("background").take();
    CHECK(start_of(series, HeaderDetail::basic).appendix == R"({"role":"background"})");
}

TEST_CASE("images of every encoding and depth come back pixel by pixel") {
    std::mt19937 random(2);
    for (auto const encoding : {PixelEncoding::bslz4, PixelEncoding::framed_lz4, PixelEncoding::raw})
        for (unsigned const bits : {8u, 16u, 32u}) {
            CAPTURE(static_cast<int>(encoding));
            CAPTURE(bits);
            auto series = small_series();
            series.encoding = encoding;
            series.bits = bits;
            auto const pixels = test::random_pixels(random, series.rows * series.cols, bits / 8);
            auto const payloads = shared({encode_pixels(pixels, encoding, bits)});
            DecoderOptions options;
            options.pixels = PixelRule::as_written;
            auto const message = test::received(stream2_image_message(series, 5, payloads));
            auto const frame = std::get<Frame>(*make_dectris_stream2(options)->decode(message));
            CHECK(frame.series == SeriesKey{42, series.unique_id});
            CHECK(frame.number == 5);
            CHECK(frame.rows == 50);
            CHECK(frame.cols == 101);
            CHECK(frame.bits == bits);
            CHECK(frame.start_ns == 125'000'000);
            CHECK(frame.stop_ns == 145'000'000);
            CHECK(frame.real_ns == 20'000'000);
            CHECK(test::whole_image(*frame.tiles, pixels.size()).pixels == pixels);
        }
}

TEST_CASE("every channel has its own mask, threshold and pixels") {
    auto series = small_series();
    series.channels = {{"threshold_1", 4, std::vector<std::uint32_t>(series.rows * series.cols, 1)},
                       {"threshold_2", 9, std::vector<std::uint32_t>(series.rows * series.cols, 2)},
                       {"difference", 0, {}}};
    std::vector<Part> payloads;
    for (std::uint32_t value : {10u, 20u, 30u})
        payloads.push_back(encode_pixels(std::vector<std::uint32_t>(series.rows * series.cols, value), series.encoding, series.bits));
    auto const message = test::received(stream2_image_message(series, 0, shared(payloads)));
    for (std::size_t i = 0; i < 3; ++i) {
        auto const& channel = series.channels[i];
        auto const start = start_of(series, HeaderDetail::all, channel.name);
        CHECK((start.pixel_mask ? start.pixel_mask->front() : 0) == (i == 2 ? 0 : i + 1));
        CHECK(start.threshold_keV.value_or(0) == doctest::Approx(channel.threshold_keV));
        DecoderOptions options;
        options.channel = channel.name;
        auto const frame = std::get<Frame>(*make_dectris_stream2(options)->decode(message));
        CHECK(test::whole_image(*frame.tiles, series.rows * series.cols).pixels[7] == 10 * (i + 1));
    }
}

TEST_CASE("the end of a series names it, in the form of a recorded one") {
    Stream2Series series;
    series.unique_id = "01GRXWT80JSDY2FNW8SGCCDZD9";
    auto const message = stream2_end_message(series);
    CHECK(message.at(0).size() == 69); // as a detector's
    CHECK(std::get<SeriesEnd>(*make_dectris_stream2({})->decode(test::received(message))).series == SeriesKey{1, series.unique_id});
}

TEST_CASE("CBOR is written in its shortest form") {
    CborWriter numbers;
    numbers.number(0).number(23).number(24).number(255).number(256).number(65536).number(4294967296);
    CHECK(numbers.written() == test::from_hex("00 17 1818 18ff 190100 1a00010000 1b0000000100000000"));
    CborWriter reals;
    reals.real(0).real(8000).real(-4).real(65504).real(0.00006103515625).real(65505).real(100000).real(1.1).real(5.960464477539063e-8);
    CHECK(reals.written() == test::from_hex("f90000 f96fd0 f9c400 f97bff f90400 fa477fe100 fa47c35000 fb3ff199999999999a fa33800000"));
    CborWriter others;
    others.boolean(true)
        .boolean(false)
        .null()
        .text("IETF")
        .bytes(test::from_hex("01"))
        .array(2)
        .map(1)
        .tag(55799)
        .items(test::from_hex("00"));
    CHECK(others.written() == test::from_hex("f5 f4 f6 6449455446 4101 82 a1 d9d9f7 00"));
}
