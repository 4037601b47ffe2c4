#include "detectors/simulated/stream1_messages.hpp"

#include "detectors/simulated/md5.hpp"
#include "pipeline/core/units.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace sqd::simulated {

namespace {

using SortedJson = nlohmann::json; // keeps its keys sorted, as the detectors do

constexpr double eV_per_keV = 1e3, m_per_um = 1e-6, ns_per_s = 1e9;
constexpr double readout_time_s = 1e-5;

Part json_part(SortedJson const& json, Stream1Dialect dialect) {
    return part_of(json.dump() + (dialect == Stream1Dialect::api_1_6 ? "\n" : ""));
}

/// What 1.6 says otherwise: some keys less, some more, 1 and 0 for true and false.
SortedJson in_dialect_1_6(SortedJson config) {
    for (auto const* const absent : {"bit_depth_image", "compression", "detector_translation", "eiger_fw_version", "roi_mode"})
        config.erase(absent);
    config["calibration_type"] = "frames";
    config["efficiency_correction_applied"] = false;
    config["software_version"] = "1.6.6";
    for (auto& value : config)
        if (value.is_boolean()) value = value.get<bool>() ? 1 : 0;
    return config;
}

char const* compression_name(PixelEncoding encoding) {
    return encoding == PixelEncoding::bslz4 ? "bslz4" : encoding == PixelEncoding::bare_lz4 ? "lz4" : "none";
}

SortedJson detector_config(Stream1Series const& s) {
    auto const excluded = std::count_if(s.pixel_mask.begin(), s.pixel_mask.end(), [](auto bits) { return bits != 0; });
    return {{"auto_summation", true},
            {"beam_center_x", s.beam_col},
            {"beam_center_y", s.beam_row},
            {"bit_depth_image", s.bits},
            {"bit_depth_readout", 16},
            {"compression", compression_name(s.encoding)},
            {"count_time", s.exposure_s},
            {"countrate_correction_applied", true},
            {"countrate_correction_count_cutoff", s.count_cutoff},
            {"data_collection_date", s.date},
            {"description", s.description},
            {"detector_distance", s.distance_m},
            {"detector_number", "simulated"},
            {"detector_readout_time", readout_time_s},
            {"detector_translation", {0.0, 0.0, s.distance_m}},
            {"eiger_fw_version", "simulated"},
            {"flatfield_correction_applied", true},
            {"frame_count_time", s.exposure_s},
            {"frame_period", s.period_s},
            {"frame_time", s.period_s},
            {"nimages", s.images},
            {"ntrigger", 1},
            {"number_of_excluded_pixels", excluded},
            {"photon_energy", s.energy_keV * eV_per_keV},
            {"pixel_mask_applied", true},
            {"roi_mode", ""},
            {"sensor_material", s.sensor_material},
            {"sensor_thickness", s.sensor_thickness_um * m_per_um},
            {"software_version", "1.8.0"},
            {"threshold_energy", s.threshold_keV * eV_per_keV},
            {"trigger_mode", "ints"},
            {"virtual_pixel_correction_applied", true},
            {"wavelength", wavelength_A(s.energy_keV)},
            {"x_pixel_size", s.pixel_m},
            {"x_pixels_in_detector", s.cols},
            {"y_pixel_size", s.pixel_m},
            {"y_pixels_in_detector", s.rows}};
}

/// Rows of (true rate, observed rate) per exposure: the correction table that the detector has applied already.
std::vector<float> countrate_table() {
    constexpr std::size_t rows = 1000;
    constexpr double step = 1125, relative_loss = 2.7e-7; // observed = true (1 - loss * true)
    std::vector<float> table;
    for (std::size_t i = 0; i < rows; ++i) {
        auto const rate = step * static_cast<double>(i);
        table.push_back(static_cast<float>(rate));
        table.push_back(static_cast<float>(rate * (1 - relative_loss * rate)));
    }
    return table;
}

void append_array(Message& message, Stream1Dialect dialect, SortedJson const& description, Part blob) {
    message.push_back(json_part(description, dialect));
    message.push_back(std::move(blob));
}

SortedJson array_description(char const* htype, char const* type, SortedJson const& shape) {
    return {{"htype", htype}, {"shape", shape}, {"type", type}};
}

constexpr std::size_t payload_place = 2; ///< in an image's message

/// The detector's clock at `seconds`: ticks of 20 ns in 1.6, ns in 1.8.
std::int64_t clock(double seconds, Stream1Dialect dialect) {
    constexpr std::int64_t tick_ns = 20;
    auto const ns = std::llround(seconds * ns_per_s);
    return dialect == Stream1Dialect::api_1_6 ? ns / tick_ns : ns;
}

/// An image's message whose payload, of so many bytes, is still missing.
Message image_frame(Stream1Series const& s, std::uint64_t frame, std::size_t payload_bytes) {
    auto const d = s.dialect;
    auto description = json_part({{"encoding", stream1_encoding(s.encoding, s.bits)},
                                  {"htype", "dimage_d-1.0"},
                                  {"shape", {s.cols, s.rows}},
                                  {"size", payload_bytes},
                                  {"type", "uint" + std::to_string(s.bits)}},
                                 d);
    auto const start = clock(static_cast<double>(frame) * s.period_s, d), real = clock(s.exposure_s, d);
    Message message;
    message.push_back(json_part({{"frame", frame}, {"hash", md5_hex(description)}, {"htype", "dimage-1.0"}, {"series", s.series_id}}, d));
    message.push_back(std::move(description));
    message.emplace_back();
    message.push_back(json_part({{"htype", "dconfig-1.0"}, {"real_time", real}, {"start_time", start}, {"stop_time", start + real}}, d));
    if (!s.image_appendix.empty()) message.push_back(part_of(s.image_appendix));
    return message;
}

} // namespace

std::string stream1_encoding(PixelEncoding encoding, unsigned bits) {
    assert(encoding != PixelEncoding::framed_lz4);
    if (encoding == PixelEncoding::raw) return "<";
    return (encoding == PixelEncoding::bslz4 ? "bs" + std::to_string(bits) + "-" : "") + "lz4<";
}

Message header_message(Stream1Series const& s, HeaderDetail detail) {
    constexpr char const* names[] = {"none", "basic", "all"};
    auto const d = s.dialect;
    Message message;
    message.push_back(
        json_part({{"header_detail", names[static_cast<std::size_t>(detail)]}, {"htype", "dheader-1.0"}, {"series", s.series_id}}, d));
    if (detail != HeaderDetail::none) {
        auto const config = detector_config(s);
        message.push_back(json_part(d == Stream1Dialect::api_1_6 ? in_dialect_1_6(config) : config, d));
    }
    if (detail == HeaderDetail::all) {
        SortedJson const shape = {s.cols, s.rows}; // x, the fast axis, first
        std::vector<float> const flat(s.rows * s.cols, 1.0F);
        auto const table = countrate_table();
        append_array(message, d, array_description("dflatfield-1.0", "float32", shape), part_of(std::span<float const>(flat)));
        append_array(message, d, array_description("dpixelmask-1.0", "uint32", shape),
                     part_of(std::span<std::uint32_t const>(s.pixel_mask)));
        append_array(message, d, array_description("dcountrate_table-1.0", "float32", {2, table.size() / 2}),
                     part_of(std::span<float const>(table)));
    }
    if (!s.appendix.empty()) message.push_back(part_of(s.appendix));
    return message;
}

Message image_message(Stream1Series const& s, std::uint64_t frame, Part payload) {
    auto message = image_frame(s, frame, payload.size());
    message[payload_place] = std::move(payload);
    return message;
}

SharedMessage shared_image_message(Stream1Series const& s, std::uint64_t frame, SharedPart payload) {
    auto message = shared(image_frame(s, frame, payload->size()));
    message[payload_place] = std::move(payload);
    return message;
}

Message series_end_message(std::uint64_t series_id) {
    return {json_part({{"htype", "dseries_end-1.0"}, {"series", series_id}}, Stream1Dialect::api_1_8)};
}

} // namespace sqd::simulated
