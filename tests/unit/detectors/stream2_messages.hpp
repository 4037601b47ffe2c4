// Stream V2 messages for tests, item by item, in forms that are legal but that encoders seldom choose.
#pragma once

#include "tests/unit/detectors/cbor_bytes.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

namespace sqd::test {

using Fields = std::vector<std::pair<std::string, Bytes>>;

inline Bytes cbor_map(Fields const& fields) {
    auto map = cbor_head(5, fields.size());
    for (auto const& [key, value] : fields) map = joined({map, cbor_text(key), value});
    return map;
}

inline Bytes cbor_array(std::vector<Bytes> const& items) {
    auto array = cbor_head(4, items.size());
    for (auto const& item : items) array = joined({array, item});
    return array;
}

inline Bytes cbor_tag(std::uint64_t number, Bytes const& item) {
    return joined({cbor_head(6, number), item});
}

inline Bytes cbor_real(double value) {
    Bytes item{std::byte{0xFB}};
    append_big(item, std::bit_cast<std::uint64_t>(value), 8);
    return item;
}

inline Bytes cbor_true() {
    return {std::byte{0xF5}};
}
inline Bytes cbor_null() {
    return {std::byte{0xF6}};
}

/// The field of that name replaced, added where there is none, taken out where the value is empty.
inline Fields with(Fields fields, std::string const& key, Bytes value) {
    auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const& field) { return field.first == key; });
    if (value.empty()) {
        if (found != fields.end()) fields.erase(found);
    } else if (found == fields.end()) {
        fields.emplace_back(key, std::move(value));
    } else {
        found->second = std::move(value);
    }
    return fields;
}

inline std::vector<MessagePart> stream2_message(Fields const& fields) {
    return {part(cbor_map(fields))};
}

/// A typed array of rows x cols pixels; what stands for its bytes may be a compressed item.
inline Bytes pixel_array(std::uint64_t rows, std::uint64_t cols, std::uint64_t tag, Bytes const& bytes) {
    return cbor_tag(40, cbor_array({cbor_array({cbor_unsigned(rows), cbor_unsigned(cols)}), cbor_tag(tag, bytes)}));
}

inline Bytes packed(std::string_view algorithm, std::uint64_t element, Bytes const& payload) {
    return cbor_tag(56500, cbor_array({cbor_text(algorithm), cbor_unsigned(element), cbor_bytes(payload)}));
}

inline Bytes seconds(std::uint64_t numerator, std::uint64_t denominator) {
    return cbor_array({cbor_unsigned(numerator), cbor_unsigned(denominator)});
}

/// The start of a detector of 2 x 3 pixels with two thresholds, of which one is a channel.
inline Fields stream2_start() {
    auto const mask = pixel_array(2, 3, 70, cbor_bytes(pixel_bytes({0, 1, 0, 8, 0, 0x80000000}, 4)));
    return {{"series_unique_id", cbor_text("01GRXWT80JSDY2FNW8SGCCDZD9")},
            {"channels", cbor_array({cbor_text("threshold_1")})},
            {"pixel_mask", cbor_map({{"threshold_2", cbor_null()}, {"threshold_1", mask}})},
            {"threshold_energy", cbor_map({{"threshold_2", cbor_real(9000)}, {"threshold_1", cbor_real(6500)}})},
            {"arm_date", cbor_tag(0, cbor_text("2026-11-22T10:00:00.000+01:00"))},
            {"count_time", cbor_real(0.0199)},
            {"countrate_correction_enabled", cbor_true()},
            {"countrate_correction_lookup_table", cbor_tag(70, cbor_bytes(Bytes(64)))},
            {"detector_description", cbor_text("Dectris EIGER2 Si 4M")},
            {"detector_serial_number", cbor_text("E-32-0100")},
            {"flatfield", cbor_map({{"threshold_1", pixel_array(2, 3, 85, cbor_bytes(Bytes(24)))}})},
            {"flatfield_enabled", cbor_true()},
            {"frame_time", cbor_real(0.02)},
            {"goniometer", cbor_map({{"omega", cbor_map({{"increment", cbor_real(0.1)}, {"start", cbor_real(0)}})}})},
            {"image_size_x", cbor_unsigned(3)},
            {"image_size_y", cbor_unsigned(2)},
            {"incident_energy", from_hex("f97259")}, // 13000 in half precision
            {"incident_wavelength", cbor_real(0.9537)},
            {"number_of_images", cbor_unsigned(1800)},
            {"pixel_mask_enabled", cbor_true()},
            {"pixel_size_x", cbor_real(75e-6)},
            {"pixel_size_y", cbor_real(76e-6)},
            {"saturation_value", cbor_unsigned(2943293)},
            {"sensor_material", cbor_text("Si")},
            {"sensor_thickness", cbor_real(450e-6)},
            {"series_id", cbor_unsigned(5)},
            {"type", cbor_text("start")}};
}

/// An image of 2 x 3 pixels in one channel.
inline Fields stream2_image(Bytes const& pixels, std::string const& channel = "threshold_1") {
    return {{"data", cbor_map({{channel, pixels}})},
            {"image_id", cbor_unsigned(7)},
            {"real_time", seconds(995000, 50000000)},
            {"series_date", cbor_tag(0, cbor_text("2026-11-22T10:00:00.000+01:00"))},
            {"series_id", cbor_unsigned(5)},
            {"series_unique_id", cbor_text("01GRXWT80JSDY2FNW8SGCCDZD9")},
            {"start_time", seconds(7000000, 50000000)},
            {"stop_time", seconds(7995000, 50000000)},
            {"type", cbor_text("image")}};
}

} // namespace sqd::test
