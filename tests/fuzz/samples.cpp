// Samples by the simulated detectors' encoders.
#include "tests/fuzz/samples.hpp"

#include "detectors/simulated/array_messages.hpp"
#include "detectors/simulated/bslz4_encoder.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "detectors/simulated/stream1_messages.hpp"
#include "detectors/simulated/stream2_messages.hpp"

#include <map>

namespace sqd::fuzz {

namespace {

std::vector<std::int32_t> as_signed(std::vector<std::uint32_t> const& pixels) {
    return {pixels.begin(), pixels.end()};
}

std::vector<Message> stream1_series() {
    simulated::Stream1Series series;
    series.series_id = 7;
    series.description = "Dectris EIGER X 4M";
    series.rows = sample_rows;
    series.cols = sample_cols;
    series.pixel_m = 75e-6;
    series.energy_keV = 13;
    series.threshold_keV = 6.5;
    series.sensor_material = "Si";
    series.sensor_thickness_um = 450;
    series.distance_m = 0.08;
    series.exposure_s = 0.02;
    series.period_s = 0.02;
    series.images = 2;
    series.count_cutoff = 100'000;
    series.date = "2026-11-22T10:00:00+01:00";
    series.appendix = R"({"role":"sample"})";
    auto const image = [&](std::uint32_t number) {
        return simulated::image_message(series, number, simulated::encode_bslz4(sample_image(number)));
    };
    return {simulated::header_message(series, simulated::HeaderDetail::basic), image(0), image(1), simulated::series_end_message(7)};
}

std::vector<Message> stream2_series() {
    auto series = sample_stream2();
    std::vector<Message> messages{simulated::stream2_start_message(series, simulated::HeaderDetail::basic)};
    std::uint32_t number = 0;
    for (auto const encoding : {simulated::PixelEncoding::bslz4, simulated::PixelEncoding::framed_lz4, simulated::PixelEncoding::raw}) {
        series.encoding = encoding;
        auto const payloads = simulated::shared({simulated::encode_pixels(sample_image(number), encoding, series.bits)});
        messages.push_back(simulated::stream2_image_message(series, number++, payloads));
    }
    messages.push_back(simulated::stream2_end_message(series));
    return messages;
}

Part cbf_file(std::uint32_t number) {
    simulated::CbfHeader header;
    header.name = "test_00001";
    header.detector = "PILATUS3 X CdTe 2M";
    header.date = "2026-11-22T10:00:00.000";
    header.pixel_m = 172e-6;
    header.sensor_material = "CdTe";
    header.sensor_thickness_um = 1000;
    header.exposure_s = 1;
    header.energy_keV = 68.5;
    header.count_cutoff = 100'000;
    return simulated::write_cbf(header, sample_rows, sample_cols, as_signed(sample_image(number)));
}

std::vector<Message> pilatus_series() {
    auto const raw = as_signed(sample_image(0));
    return {simulated::pilatus_header_message("/ramdisk/test"), simulated::pilatus_raw_message(0, sample_rows, sample_cols, raw),
            simulated::pilatus_cbf_message(1, sample_rows, sample_cols, cbf_file(1)), simulated::pilatus_end_message()};
}

std::vector<Message> array_series() {
    auto const pixels = sample_image(0);
    auto const array = simulated::part_of(std::span<std::uint32_t const>(pixels));
    return {simulated::array_message(0, sample_rows, sample_cols, "uint32", array),
            simulated::array_message(1, sample_rows, sample_cols, "uint32", array, {.endianness_key = "endianness", .timestamp_s = 1.5}),
            simulated::stop_message(), simulated::pilatus1_message("test_00001.cbf", "/ramdisk", cbf_file(1))};
}

} // namespace

simulated::Stream2Series sample_stream2() {
    simulated::Stream2Series series;
    series.series_id = 7;
    series.description = "Dectris EIGER2 Si 4M";
    series.rows = sample_rows;
    series.cols = sample_cols;
    series.pixel_m = 75e-6;
    series.energy_keV = 13;
    series.sensor_material = "Si";
    series.sensor_thickness_um = 450;
    series.exposure_s = series.period_s = 0.02;
    series.images = 3;
    series.count_cutoff = 100'000;
    series.channels[0].threshold_keV = 6.5;
    series.channels[0].pixel_mask.assign(sample_rows * sample_cols, 0);
    series.date = "2026-11-22T10:00:00+01:00";
    series.user_data = R"({"role":"sample"})";
    return series;
}

std::vector<std::uint32_t> sample_image(std::uint32_t seed) {
    constexpr std::uint32_t sentinel = 0xFFFFFFFF;
    std::vector<std::uint32_t> pixels(sample_rows * sample_cols);
    for (std::uint32_t i = 0; i < pixels.size(); ++i) pixels[i] = (i * 7 + seed) % 11;
    for (std::size_t row = 20; row < 23; ++row)
        for (std::size_t col = 0; col < sample_cols; ++col) pixels[row * sample_cols + col] = sentinel;
    pixels[5] = sentinel - 1;
    pixels[sample_cols] = 300 + seed;
    pixels.back() = 70'000;
    pixels[pixels.size() - 9] = 200'000; // above the count cutoff
    return pixels;
}

std::vector<Message> sample_series(std::string const& kind) {
    static std::map<std::string, std::vector<Message>> const series{{"dectris_stream1", stream1_series()},
                                                                    {"dectris_stream2", stream2_series()},
                                                                    {"pilatus_stream", pilatus_series()},
                                                                    {"array_stream", array_series()},
                                                                    {"cbf_folder", array_series()}};
    auto const found = series.find(kind);
    return found == series.end() ? std::vector<Message>{} : found->second;
}

} // namespace sqd::fuzz
