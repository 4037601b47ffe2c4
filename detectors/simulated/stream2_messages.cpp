#include "detectors/simulated/stream2_messages.hpp"

#include "detectors/simulated/cbor_writer.hpp"
#include "pipeline/core/units.hpp"

#include <cassert>
#include <cmath>
#include <string_view>
#include <utility>

namespace sqd::simulated {

namespace {

constexpr double eV_per_keV = 1e3, m_per_um = 1e-6;
constexpr std::uint64_t self_described = 55799, date_time = 0, array_of_rows = 40, float32 = 85, uint32 = 70, packed = 56500;

/// The pairs of a map, counted while they are written.
class Pairs {
public:
    CborWriter& key(std::string_view name) {
        ++count_;
        return values_.text(name);
    }
    /// `to_come`: pairs that the caller writes after these.
    void write_to(CborWriter& out, std::size_t to_come = 0) const { out.map(count_ + to_come).items(values_.written()); }
    std::size_t bytes() const { return values_.written().size(); }

private:
    std::size_t count_ = 0;
    CborWriter values_;
};

Message message_of(Pairs const& pairs) {
    CborWriter out;
    out.tag(self_described);
    pairs.write_to(out);
    return {out.take()};
}

std::uint64_t pixel_tag(unsigned bits) {
    return bits == 8 ? 64 : bits == 16 ? 69 : uint32;
}

CborWriter& array_head(CborWriter& out, Stream2Series const& s, std::uint64_t element_tag) {
    return out.tag(array_of_rows).array(2).array(2).number(s.rows).number(s.cols).tag(element_tag);
}

void write_image(CborWriter& out, Stream2Series const& s, Part const& payload) {
    assert(s.encoding != PixelEncoding::bare_lz4);
    array_head(out, s, pixel_tag(s.bits));
    if (s.encoding == PixelEncoding::bslz4)
        out.tag(packed).array(3).text("bslz4").number(s.bits / 8);
    else if (s.encoding == PixelEncoding::framed_lz4)
        out.tag(packed).array(3).text("lz4").number(0);
    out.bytes(payload);
}

void write_series(Pairs& pairs, char const* type, Stream2Series const& s) {
    pairs.key("type").text(type);
    pairs.key("series_id").number(s.series_id);
    pairs.key("series_unique_id").text(s.unique_id);
}

void write_thresholds(Pairs& pairs, Stream2Series const& s) {
    Pairs thresholds;
    for (auto const& channel : s.channels)
        if (channel.threshold_keV > 0) thresholds.key(channel.name).real(channel.threshold_keV * eV_per_keV);
    thresholds.write_to(pairs.key("threshold_energy"));
}

/// Flat field and pixel mask by channel, and the correction that the detector has applied already.
void write_tables(Pairs& pairs, Stream2Series const& s) {
    std::vector<float> const flat(s.rows * s.cols, 1.0F);
    std::vector<std::uint32_t> const no_correction(1);
    Pairs flats, masks;
    for (auto const& channel : s.channels) {
        array_head(flats.key(channel.name), s, float32).bytes(std::as_bytes(std::span(flat)));
        auto& mask = masks.key(channel.name);
        if (channel.pixel_mask.empty())
            mask.null();
        else
            array_head(mask, s, uint32).bytes(std::as_bytes(std::span(channel.pixel_mask)));
    }
    pairs.key("countrate_correction_lookup_table").tag(uint32).bytes(std::as_bytes(std::span(no_correction)));
    flats.write_to(pairs.key("flatfield"));
    masks.write_to(pairs.key("pixel_mask"));
}

void write_detector(Pairs& pairs, Stream2Series const& s) {
    pairs.key("beam_center_x").real(s.beam_col);
    pairs.key("beam_center_y").real(s.beam_row);
    auto& names = pairs.key("channels").array(s.channels.size());
    for (auto const& channel : s.channels) names.text(channel.name);
    pairs.key("countrate_correction_enabled").boolean(true);
    pairs.key("detector_description").text(s.description);
    pairs.key("detector_serial_number").text("simulated");
    pairs.key("detector_translation").array(3).real(0).real(0).real(s.distance_m);
    pairs.key("flatfield_enabled").boolean(true);
    pairs.key("image_dtype").text("uint" + std::to_string(s.bits));
    pairs.key("image_size_x").number(s.cols);
    pairs.key("image_size_y").number(s.rows);
    pairs.key("pixel_mask_enabled").boolean(true);
    pairs.key("pixel_size_x").real(s.pixel_m);
    pairs.key("pixel_size_y").real(s.pixel_m);
    pairs.key("saturation_value").number(s.count_cutoff);
    pairs.key("sensor_material").text(s.sensor_material);
    pairs.key("sensor_thickness").real(s.sensor_thickness_um * m_per_um);
    write_thresholds(pairs, s);
    pairs.key("virtual_pixel_interpolation_enabled").boolean(true);
}

void write_exposure(Pairs& pairs, Stream2Series const& s) {
    pairs.key("arm_date").tag(date_time).text(s.date);
    pairs.key("count_time").real(s.exposure_s);
    pairs.key("frame_time").real(s.period_s);
    Pairs omega, goniometer;
    omega.key("increment").real(0);
    omega.key("start").real(0);
    omega.write_to(goniometer.key("omega"));
    goniometer.write_to(pairs.key("goniometer"));
    pairs.key("incident_energy").real(s.energy_keV * eV_per_keV);
    pairs.key("incident_wavelength").real(wavelength_A(s.energy_keV));
    pairs.key("number_of_images").number(s.images);
}

void write_user_data(Pairs& pairs, Stream2Series const& s) {
    if (!s.user_data_cbor.empty())
        pairs.key("user_data").items(s.user_data_cbor);
    else if (!s.user_data.empty())
        pairs.key("user_data").text(s.user_data);
}

void write_time(CborWriter& out, double seconds) {
    constexpr std::uint64_t clock_Hz = 50'000'000;
    out.array(2).number(static_cast<std::uint64_t>(std::llround(seconds * static_cast<double>(clock_Hz)))).number(clock_Hz);
}

/// The message's pairs and after them the images, each copied once.
Part with_images(Pairs const& pairs, Stream2Series const& s, std::span<SharedPart const> payloads) {
    constexpr std::size_t room_for_names = 256;
    std::size_t bytes = pairs.bytes() + room_for_names;
    for (auto const& payload : payloads) bytes += payload->size() + room_for_names;
    CborWriter out(bytes);
    pairs.write_to(out.tag(self_described), 1);
    out.text("data").map(payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) write_image(out.text(s.channels[i].name), s, *payloads[i]);
    return out.take();
}

} // namespace

Message stream2_start_message(Stream2Series const& s, HeaderDetail detail) {
    Pairs pairs;
    write_series(pairs, "start", s);
    write_exposure(pairs, s);
    write_detector(pairs, s);
    if (detail == HeaderDetail::all) write_tables(pairs, s);
    write_user_data(pairs, s);
    return message_of(pairs);
}

Message stream2_image_message(Stream2Series const& s, std::uint64_t image, std::span<SharedPart const> payloads) {
    assert(payloads.size() == s.channels.size());
    double const start_s = static_cast<double>(image) * s.period_s;
    Pairs pairs;
    write_series(pairs, "image", s);
    pairs.key("image_id").number(image);
    write_time(pairs.key("real_time"), s.exposure_s);
    pairs.key("series_date").tag(date_time).text(s.date);
    write_time(pairs.key("start_time"), start_s);
    write_time(pairs.key("stop_time"), start_s + s.exposure_s);
    return {with_images(pairs, s, payloads)};
}

Message stream2_end_message(Stream2Series const& s) {
    Pairs pairs;
    write_series(pairs, "end", s);
    return message_of(pairs);
}

} // namespace sqd::simulated
