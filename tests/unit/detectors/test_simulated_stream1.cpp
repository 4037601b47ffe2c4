// The simulated Eiger, understood by the decoder of the real one.
#include "detectors/registry.hpp"
#include "detectors/simulated/bslz4_encoder.hpp"
#include "detectors/simulated/stream1_messages.hpp"
#include "pipeline/core/units.hpp"
#include "tests/unit/detectors/random_images.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;

namespace {

Stream1Series small_series() {
    Stream1Series s;
    s.series_id = 42;
    s.description = "Simulated 256";
    s.rows = 30;
    s.cols = 50;
    s.pixel_m = 75e-6;
    s.energy_keV = 13;
    s.threshold_keV = 9;
    s.sensor_material = "Si";
    s.sensor_thickness_um = 450;
    s.exposure_s = 0.02;
    s.period_s = 0.025;
    s.images = 7;
    s.count_cutoff = 58000;
    s.pixel_mask.assign(30 * 50, 0);
    s.pixel_mask[51] = 8;
    s.appendix = R"({"role":"sample"})";
    return s;
}

std::string text(Part const& part) {
    return {reinterpret_cast<char const*>(part.data()), part.size()};
}

} // namespace

TEST_CASE("a header of the simulated Eiger says what the series is") {
    auto const decoder = make_decoder("dectris_stream1", {});
    auto const message = decoder->decode(test::received(header_message(small_series(), HeaderDetail::all)));
    REQUIRE(message);
    auto const& start = std::get<SeriesStart>(*message);
    CHECK(start.series.series_id == 42);
    CHECK(start.description == "Simulated 256");
    CHECK(start.rows == 30);
    CHECK(start.cols == 50);
    CHECK(start.images_expected == 7);
    CHECK(start.energy_keV.value() == doctest::Approx(13));
    CHECK(start.wavelength_A.value() == doctest::Approx(wavelength_A(13.0)));
    CHECK(start.threshold_keV.value() == doctest::Approx(9));
    CHECK(start.count_time_s.value() == doctest::Approx(0.02));
    CHECK(start.frame_time_s.value() == doctest::Approx(0.025));
    CHECK(start.sensor_thickness_um.value() == doctest::Approx(450));
    CHECK(start.saturation == 58000);
    REQUIRE(start.pixel_mask);
    CHECK(*start.pixel_mask == small_series().pixel_mask);
    CHECK(start.appendix == R"({"role":"sample"})");
}

TEST_CASE("the detail of a header decides its parts") {
    auto series = small_series();
    CHECK(header_message(series, HeaderDetail::none).size() == 2);
    CHECK(header_message(series, HeaderDetail::basic).size() == 3);
    CHECK(header_message(series, HeaderDetail::all).size() == 9);
    series.appendix.clear();
    CHECK(header_message(series, HeaderDetail::none).size() == 1);
    CHECK(header_message(series, HeaderDetail::all).size() == 8);
    for (auto const detail : {HeaderDetail::none, HeaderDetail::basic, HeaderDetail::all})
        CHECK(make_decoder("dectris_stream1", {})->decode(test::received(header_message(series, detail))).has_value());
}

TEST_CASE("an image of the simulated Eiger comes back pixel by pixel, with its number and times") {
    auto const series = small_series();
    std::vector<std::uint32_t> pixels(30 * 50);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint32_t>(i * i % 97);
    pixels[51] = 0xffffffffU;
    auto const sent = image_message(series, 5, encode_bslz4(pixels));
    auto const decoder = make_decoder("dectris_stream1", {});
    decoder->decode(test::received(header_message(series, HeaderDetail::basic)));
    auto const message = decoder->decode(test::received(sent));
    REQUIRE(message);
    auto const& frame = std::get<Frame>(*message);
    CHECK(frame.series.series_id == 42);
    CHECK(frame.number == 5);
    CHECK(frame.rows == 30);
    CHECK(frame.cols == 50);
    CHECK(frame.bits == 32);
    CHECK(frame.start_ns == 125'000'000);
    CHECK(frame.stop_ns == 145'000'000);
    CHECK(frame.real_ns == 20'000'000);
    CHECK(test::pixels_of(*frame.tiles, pixels.size()) == pixels);
}

TEST_CASE("images of every encoding and depth are understood, in both dialects") {
    std::mt19937 random(1);
    for (auto const dialect : {Stream1Dialect::api_1_6, Stream1Dialect::api_1_8})
        for (auto const encoding : {PixelEncoding::bslz4, PixelEncoding::bare_lz4, PixelEncoding::raw})
            for (unsigned const bits : {8u, 16u, 32u}) {
                CAPTURE(bits);
                auto series = small_series();
                series.dialect = dialect;
                series.encoding = encoding;
                series.bits = bits;
                series.image_appendix = "{}";
                auto const pixels = test::random_pixels(random, series.rows * series.cols, bits / 8);
                auto const message = image_message(series, 5, encode_pixels(pixels, encoding, bits));
                CHECK(message.size() == 5);
                DecoderOptions options;
                options.pixels = PixelRule::as_written;
                auto const decoder = make_decoder("dectris_stream1", options);
                decoder->decode(test::received(header_message(series, HeaderDetail::basic)));
                auto const frame = std::get<Frame>(*decoder->decode(test::received(message)));
                CHECK(frame.encoding == stream1_encoding(encoding, bits));
                CHECK(frame.bits == bits);
                CHECK(frame.start_ns == 125'000'000);
                CHECK(frame.real_ns == 20'000'000);
                CHECK(test::whole_image(*frame.tiles, pixels.size()).pixels == pixels);
            }
}

TEST_CASE("a header of 1.6 writes 1 for true, leaves keys out, and says the same") {
    auto series = small_series();
    series.dialect = Stream1Dialect::api_1_6;
    auto const message = header_message(series, HeaderDetail::all);
    CHECK(text(message.at(0)).back() == '\n');
    auto const config = nlohmann::json::parse(text(message.at(1)));
    CHECK(config["pixel_mask_applied"] == 1);
    CHECK_FALSE(config.contains("bit_depth_image"));
    auto const start = std::get<SeriesStart>(*make_decoder("dectris_stream1", {})->decode(test::received(message)));
    CHECK(start.pixel_mask_applied == true);
    CHECK(start.images_expected == 7);
    CHECK(start.pixel_mask);
    CHECK(start.appendix == R"({"role":"sample"})");
}

TEST_CASE("the hash of an image is the MD5 of its description, as on the real detector") {
    auto const message = image_message(small_series(), 0, {});
    // printf '%s' '{"encoding":"bs32-lz4<","htype":"dimage_d-1.0","shape":[50,30],"size":0,"type":"uint32"}' | md5sum
    CHECK(text(message.at(1)) == R"({"encoding":"bs32-lz4<","htype":"dimage_d-1.0","shape":[50,30],"size":0,"type":"uint32"})");
    CHECK(nlohmann::json::parse(text(message.at(0)))["hash"] == "159456472bc8b5154c20825b002fc10d");
}

TEST_CASE("the end of a series names it") {
    auto const message = make_decoder("dectris_stream1", {})->decode(test::received(series_end_message(42)));
    REQUIRE(message);
    CHECK(std::get<SeriesEnd>(*message).series.series_id == 42);
}
