// Reads the keys of a start message.
#include "detectors/dectris_stream2/start.hpp"

#include "detectors/codec/cbor_json.hpp"
#include "detectors/codec/utf8.hpp"
#include "detectors/dectris_stream2/channels.hpp"
#include "detectors/dectris_stream2/pixel_array.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <cmath>
#include <memory>
#include <utility>

namespace sqd::dectris_stream2 {

namespace {

std::optional<double> positive(std::optional<double> value, double factor = 1) {
    double const scaled = value.value_or(0) * factor;
    return scaled > 0 && std::isfinite(scaled) ? std::optional(scaled) : std::nullopt;
}

std::optional<std::uint64_t> positive(std::optional<std::uint64_t> value) {
    return value && *value > 0 ? value : std::nullopt;
}

/// The channel whose values are wanted: the chosen one, else the only one that the start names, else empty.
std::string wanted_channel(CborMap const& fields, std::string const& chosen) {
    if (!chosen.empty()) return chosen;
    auto channels = fields.find("channels");
    if (!channels || channels->untag().kind() != cbor::Kind::array) return "";
    auto array = channels->enter_array();
    if (!channels->more(array) || channels->untag().kind() != cbor::Kind::text) return "";
    std::string name(channels->read_text());
    return channels->more(array) ? "" : name;
}

std::optional<cbor::Reader> of_channel(CborMap const& keyed, std::string const& channel, bool chosen) {
    auto const found = find_channel(keyed, channel);
    return found || chosen ? found : find_channel(keyed, "");
}

std::shared_ptr<std::vector<std::uint32_t> const> read_mask(cbor::Reader value, SeriesStart& start, DecoderLimits const& limits) {
    auto const array = parse_pixel_array(value, limits);
    checked_pixels(array.rows, array.cols, array.type.bytes + sizeof(std::uint32_t), limits); // unpacked, and as it is kept
    if ((start.rows != 0 && start.rows != array.rows) || (start.cols != 0 && start.cols != array.cols))
        throw DecodeError(DecodeFault::mismatch, "pixel mask of " + std::to_string(array.rows) + " x " + std::to_string(array.cols) +
                                                     " pixels (the start says " + std::to_string(start.rows) + " x " +
                                                     std::to_string(start.cols) + ")");
    start.rows = array.rows;
    start.cols = array.cols;
    return std::make_shared<std::vector<std::uint32_t> const>(read_values(array));
}

/// Text, also where it comes as bytes; anything else as JSON where JSON has a form for it.
std::string appendix_of(cbor::Reader user_data, DecoderLimits const& limits) {
    if (user_data.untag().bytes_left() > limits.max_json_bytes)
        throw DecodeError(DecodeFault::oversized, "user_data of " + std::to_string(user_data.bytes_left()) + " bytes (at most " +
                                                      std::to_string(limits.max_json_bytes) + " are read)");
    try {
        if (user_data.kind() == cbor::Kind::text) return std::string(user_data.read_text());
        if (user_data.kind() == cbor::Kind::bytes) {
            auto const bytes = user_data.read_bytes();
            std::string text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
            return is_utf8(text) ? text : "";
        }
    } catch (DecodeError const&) {
        return ""; // sent in pieces, or no text: nothing that could be understood
    }
    return json_text_of(user_data).value_or("");
}

void read_detector(CborMap const& fields, SeriesStart& start) {
    start.description = fields.find_text("detector_description").value_or("");
    start.serial_number = fields.find_text("detector_serial_number").value_or("");
    start.rows = fields.find_unsigned("image_size_y").value_or(0);
    start.cols = fields.find_unsigned("image_size_x").value_or(0);
    start.pixel1_m = positive(fields.find_number("pixel_size_y"));
    start.pixel2_m = positive(fields.find_number("pixel_size_x"));
    start.sensor_material = fields.find_text("sensor_material");
    start.sensor_thickness_um = positive(fields.find_number("sensor_thickness"), 1e6);
    start.saturation = positive(fields.find_unsigned("saturation_value"));
    start.countrate_correction_applied = fields.find_boolean("countrate_correction_enabled");
    start.flatfield_applied = fields.find_boolean("flatfield_enabled");
    start.pixel_mask_applied = fields.find_boolean("pixel_mask_enabled");
}

void read_exposure(CborMap const& fields, SeriesStart& start) {
    start.date = fields.find_text("arm_date").value_or("");
    start.images_expected = positive(fields.find_unsigned("number_of_images"));
    start.energy_keV = positive(fields.find_number("incident_energy"), 1e-3);
    start.wavelength_A = positive(fields.find_number("incident_wavelength"));
    start.count_time_s = positive(fields.find_number("count_time"));
    start.frame_time_s = positive(fields.find_number("frame_time"));
}

} // namespace

SeriesStart parse_start(CborMap const& fields, DecoderOptions const& options) {
    SeriesStart start;
    start.series = {require_unsigned(fields, "series_id"), fields.find_text("series_unique_id").value_or("")};
    read_detector(fields, start);
    read_exposure(fields, start);
    auto const channel = wanted_channel(fields, options.channel);
    bool const chosen = !options.channel.empty();
    if (auto const threshold = of_channel(fields.find_map("threshold_energy"), channel, chosen))
        start.threshold_keV = positive(number_in(*threshold), 1e-3);
    // A mask that is no array at all is what simulators send that have none.
    if (auto const mask = of_channel(fields.find_map("pixel_mask"), channel, chosen); mask && mask->kind() == cbor::Kind::tag)
        start.pixel_mask = read_mask(*mask, start, options.limits);
    if (auto const user_data = fields.find("user_data")) start.appendix = appendix_of(*user_data, options.limits);
    return start;
}

} // namespace sqd::dectris_stream2
