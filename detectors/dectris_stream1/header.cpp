// Reads the parts of a Stream V1 header. SIMPLON API 1.6 (4.4) and 1.8 (5.4.3).
#include "detectors/dectris_stream1/header.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace sqd::dectris_stream1 {

using nlohmann::json;

namespace {

/// A quantity times `factor`. What the detector does not know it often writes as 0: that is absent, too.
std::optional<double> find_positive(json const& config, char const* key, double factor = 1) {
    double const value = lenient_number(config, key).value_or(0) * factor;
    return value > 0 && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// nimages x ntrigger; 0 of either, or a product beyond all numbers, is not known.
std::optional<std::uint64_t> images_expected(json const& config) {
    auto const images = lenient_unsigned(config, "nimages"), triggers = lenient_unsigned(config, "ntrigger");
    if (!images) return std::nullopt;
    std::uint64_t const n = triggers.value_or(1);
    if (n != 0 && *images > std::numeric_limits<std::uint64_t>::max() / n) return std::nullopt;
    return *images * n != 0 ? std::optional(*images * n) : std::nullopt;
}

/// The cutoff is the largest count after the count-rate correction: it says nothing when that is off.
std::optional<std::uint64_t> saturation(json const& config, std::optional<bool> corrected) {
    auto const cutoff = lenient_unsigned(config, "countrate_correction_count_cutoff");
    return cutoff && *cutoff > 0 && corrected.value_or(true) ? cutoff : std::nullopt;
}

void read_config(json const& config, Header& header) {
    auto& start = header.start;
    start.description = lenient_string(config, "description").value_or("");
    start.serial_number = lenient_string(config, "detector_number").value_or("");
    start.date = lenient_string(config, "data_collection_date").value_or("");
    start.cols = lenient_unsigned(config, "x_pixels_in_detector").value_or(0);
    start.rows = lenient_unsigned(config, "y_pixels_in_detector").value_or(0);
    start.images_expected = images_expected(config);
    start.energy_keV = find_positive(config, "photon_energy", 1e-3);
    start.threshold_keV = find_positive(config, "threshold_energy", 1e-3);
    start.wavelength_A = find_positive(config, "wavelength");
    start.count_time_s = find_positive(config, "count_time");
    start.frame_time_s = find_positive(config, "frame_time");
    start.pixel1_m = find_positive(config, "y_pixel_size");
    start.pixel2_m = find_positive(config, "x_pixel_size");
    start.sensor_material = lenient_string(config, "sensor_material");
    start.sensor_thickness_um = find_positive(config, "sensor_thickness", 1e6);
    start.countrate_correction_applied = lenient_bool(config, "countrate_correction_applied");
    start.flatfield_applied = lenient_bool(config, "flatfield_correction_applied");
    start.pixel_mask_applied = lenient_bool(config, "pixel_mask_applied");
    start.saturation = saturation(config, start.countrate_correction_applied);
    constexpr std::int64_t tick_ns = 20;
    if (lenient_string(config, "software_version").value_or("").starts_with("1.6")) header.ns_per_time_unit = tick_ns;
}

/// Simulators that have no mask send a word in its place.
bool is_placeholder(MessagePart const& blob) {
    constexpr std::size_t longest_word = 64;
    return blob.bytes.size() <= longest_word && std::ranges::all_of(text_of(blob), [](char c) { return c >= ' ' && c <= '~'; });
}

/// An empty mask is what a detector sends that has none to send.
std::shared_ptr<std::vector<std::uint32_t> const> read_mask(json const& what, MessagePart const& blob, SeriesStart const& start,
                                                            DecoderLimits const& limits) {
    if (is_placeholder(blob)) return nullptr;
    auto const shape = require_shape(what); // [x, y]
    if (require_string(what, "type") != "uint32") throw DecodeError(DecodeFault::unsupported, "pixel mask that is not uint32");
    std::size_t const pixels = checked_pixels(shape.second, shape.first, sizeof(std::uint32_t), limits);
    if ((start.cols != 0 && start.cols != shape.first) || (start.rows != 0 && start.rows != shape.second))
        throw DecodeError(DecodeFault::mismatch, "pixel mask of " + std::to_string(shape.second) + " x " + std::to_string(shape.first) +
                                                     " pixels (the header says " + std::to_string(start.rows) + " x " +
                                                     std::to_string(start.cols) + ")");
    std::size_t const bytes = pixels * sizeof(std::uint32_t);
    if (blob.bytes.size() != bytes)
        throw DecodeError(blob.bytes.size() < bytes ? DecodeFault::truncated : DecodeFault::mismatch,
                          "pixel mask of " + std::to_string(blob.bytes.size()) + " bytes (its shape says " + std::to_string(bytes) + ")");
    auto mask = std::make_shared<std::vector<std::uint32_t>>(pixels);
    std::memcpy(mask->data(), blob.bytes.data(), bytes);
    return mask;
}

/// Flat field, pixel mask and count-rate table, each a description and a blob, in any order. Only the mask is needed: the detector
/// has applied the others. Names are "dpixelmask-1.0"; some simulators leave out the d.
void read_tables(std::span<MessagePart const> tables, DecoderLimits const& limits, SeriesStart& start) {
    for (; tables.size() >= 2; tables = tables.subspan(2)) {
        auto const what = parse_object(tables[0], "header table", limits);
        auto const htype = require_string(what, "htype");
        if (htype.find("pixelmask-") != htype.npos) {
            start.pixel_mask = read_mask(what, tables[1], start, limits);
            if (start.pixel_mask && start.cols == 0) start.cols = require_shape(what).first;
            if (start.pixel_mask && start.rows == 0) start.rows = require_shape(what).second;
        }
    }
}

/// Parts of the configuration: 1 where there is one. Simulators that say no header_detail send at least the configuration.
std::size_t config_parts(json const& first, std::size_t parts) {
    auto const detail = lenient_string(first, "header_detail").value_or(parts > 1 ? "basic" : "none");
    if (detail == "none") return 0;
    if (detail != "basic" && detail != "all") throw DecodeError(DecodeFault::malformed, "header_detail is none of none, basic, all");
    if (parts < 2) throw DecodeError(DecodeFault::malformed, "header of one part (header_detail " + detail + " has a configuration)");
    return 1;
}

} // namespace

Header parse_header(json const& first, std::span<MessagePart const> parts, DecoderLimits const& limits) {
    Header header;
    header.start.series.series_id = require_unsigned(first, "series");
    std::size_t const configs = config_parts(first, parts.size());
    if (configs == 1) read_config(parse_object(parts[1], "header configuration", limits), header);
    auto tables = parts.subspan(1 + configs);
    if (tables.size() % 2 == 1) {
        auto const appendix = text_of(tables.back());
        if (appendix.size() > limits.max_json_bytes)
            throw DecodeError(DecodeFault::oversized, "header appendix of " + std::to_string(appendix.size()) + " bytes");
        header.start.appendix = appendix;
        tables = tables.first(tables.size() - 1);
    }
    read_tables(tables, limits, header.start);
    return header;
}

} // namespace sqd::dectris_stream1
