// What is saved of the values that make up a series, field by field. A new field changes the version of what holds it.
#pragma once

#include "daemon/journal/byte_stream.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/stream/scan_orders.hpp"
#include "pipeline/stream/series_state.hpp"

#include <memory>
#include <vector>

namespace sqd {

template <>
inline constexpr std::uint8_t enumerators<Role> = 4;
template <>
inline constexpr std::uint8_t enumerators<SampleShape> = 2;

/// Pixel masks are long runs of one value: (value, length) each.
void write_mask(ByteWriter& out, std::vector<std::uint32_t> const& mask);
std::vector<std::uint32_t> read_mask(ByteReader& in);

template <class Io, maybe_const<SeriesKey> S>
void fields(Io& io, S& s) {
    io(s.series_id);
    io(s.unique_id);
}

inline void fields(ByteWriter& io, std::shared_ptr<std::vector<std::uint32_t> const> const& mask) {
    io(mask != nullptr);
    if (mask) write_mask(io, *mask);
}
inline void fields(ByteReader& io, std::shared_ptr<std::vector<std::uint32_t> const>& mask) {
    mask = io.get<bool>() ? std::make_shared<std::vector<std::uint32_t> const>(read_mask(io)) : nullptr;
}

template <class Io, maybe_const<SeriesStart> S>
void fields(Io& io, S& s) {
    io(s.series);
    io(s.description);
    io(s.serial_number);
    io(s.rows);
    io(s.cols);
    io(s.images_expected);
    io(s.energy_keV);
    io(s.wavelength_A);
    io(s.threshold_keV);
    io(s.count_time_s);
    io(s.frame_time_s);
    io(s.pixel1_m);
    io(s.pixel2_m);
    io(s.sensor_material);
    io(s.sensor_thickness_um);
    io(s.saturation);
    io(s.countrate_correction_applied);
    io(s.flatfield_applied);
    io(s.pixel_mask_applied);
    io(s.pixel_mask);
    io(s.appendix);
    io(s.date);
    io(s.first_image);
}

template <class Io, maybe_const<MapGrid> S>
void fields(Io& io, S& s) {
    io(s.rows);
    io(s.cols);
    io(s.pitch_um);
    io(s.snake);
}

template <class Io, maybe_const<ScanIdentity> S>
void fields(Io& io, S& s) {
    io(s.uid);
    io(s.id);
    io(s.role);
    io(s.series_id);
    io(s.series_unique_id);
    io(s.mount);
    io(s.grid);
    io(s.parameters);
}

template <class Io, maybe_const<ScanAnnouncement> S>
void fields(Io& io, S& s) {
    io(s.role);
    io(s.name);
    io(s.mount);
    io(s.calibrant);
    io(s.points);
    io(s.grid);
    io(s.composition);
    io(s.density_g_cm3);
    io(s.density_A3);
    io(s.thickness_um);
    io(s.thickness_sigma_um);
    io(s.transmission);
    io(s.monitor);
    io(s.attenuation);
    io(s.parameters);
}

template <class Io, maybe_const<OpenScan> S>
void fields(Io& io, S& s) {
    io(s.uid);
    io(s.request);
    io(s.said);
}

template <class Io, maybe_const<ElementFraction> S>
void fields(Io& io, S& s) {
    io(s.z);
    io(s.symbol);
    io(s.fraction);
}

template <class Io, maybe_const<Composition> S>
void fields(Io& io, S& s) {
    io(s.text);
    io(s.elements);
    io(s.written_sum);
}

template <class Io, maybe_const<Sample> S>
void fields(Io& io, S& s) {
    io(s.composition);
    io(s.density_g_cm3);
    io(s.thickness_um);
    io(s.thickness_sigma_um);
    io(s.transmission);
    io(s.shape);
    io(s.tilt_rad);
    io(s.tilt_azimuth_rad);
    io(s.self_absorption);
    io(s.transmission_sigma);
}

template <class Io, maybe_const<SeriesOpening> S>
void fields(Io& io, S& s) {
    io(s.header);
    io(s.told_by_image);
    io(s.scan);
    io(s.said);
    io(s.announced);
    io(s.frames_came);
    io(s.announcement_taken);
    io(s.sample);
    io(s.expected);
    io(s.announced_count);
    io(s.begun);
    io(s.reserved_results);
    io(s.revision);
    io(s.started_ns);
}

template <class Io, maybe_const<RejectedFrame> S>
void fields(Io& io, S& s) {
    io(s.number);
    io(s.reason);
}

template <class Io, maybe_const<BinDeficit> S>
void fields(Io& io, S& s) {
    io(s.bin);
    io(s.pixels);
    io(s.norm);
}

} // namespace sqd
