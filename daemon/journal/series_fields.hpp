// What is saved of the values that make up a series, field by field. A new field changes the version of what holds it.
#pragma once

#include "daemon/journal/byte_stream.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/joined_frames.hpp"
#include "pipeline/stream/series_state.hpp"

#include <memory>
#include <utility>
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
    io.each(s.series_id, s.unique_id);
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
    io.each(s.series, s.description, s.serial_number, s.rows, s.cols, s.images_expected, s.energy_keV, s.wavelength_A, s.threshold_keV,
            s.count_time_s, s.frame_time_s, s.pixel1_m, s.pixel2_m, s.sensor_material, s.sensor_thickness_um, s.saturation,
            s.countrate_correction_applied, s.flatfield_applied, s.pixel_mask_applied, s.pixel_mask, s.appendix, s.date, s.first_image);
}

template <class Io, maybe_const<MapGrid> S>
void fields(Io& io, S& s) {
    io.each(s.rows, s.cols, s.pitch_um, s.snake);
}

template <class Io, maybe_const<ScanIdentity> S>
void fields(Io& io, S& s) {
    io.each(s.uid, s.id, s.role, s.series_id, s.series_unique_id, s.mount, s.grid, s.parameters);
}

template <class Io, maybe_const<ScanAnnouncement> S>
void fields(Io& io, S& s) {
    io.each(s.role, s.name, s.mount, s.calibrant, s.points, s.grid, s.composition, s.density_g_cm3, s.density_A3, s.thickness_um,
            s.thickness_sigma_um, s.transmission, s.monitor, s.attenuation, s.parameters);
}

template <class Io, maybe_const<ElementFraction> S>
void fields(Io& io, S& s) {
    io.each(s.z, s.symbol, s.fraction);
}

template <class Io, maybe_const<Composition> S>
void fields(Io& io, S& s) {
    io.each(s.text, s.elements, s.written_sum);
}

template <class Io, maybe_const<Sample> S>
void fields(Io& io, S& s) {
    io.each(s.composition, s.density_g_cm3, s.thickness_um, s.thickness_sigma_um, s.transmission, s.shape, s.tilt_rad, s.tilt_azimuth_rad,
            s.self_absorption, s.transmission_sigma);
}

template <class Io, maybe_const<SeriesOpening> S>
void fields(Io& io, S& s) {
    io.each(s.header, s.told_by_image, s.scan, s.said, s.announced, s.frames_came, s.mark, s.announcement_taken, s.sample, s.expected,
            s.announced_count, s.begun, s.reserved_results, s.revision, s.started_ns);
}

template <class Io, maybe_const<RejectedFrame> S>
void fields(Io& io, S& s) {
    io.each(s.number, s.reason);
}

template <class Io, maybe_const<LedgerEntries> S>
void fields(Io& io, S& s) {
    io.each(s.came, s.duplicates, s.accepted, s.rejections);
}

/// But for its frames and sums, which are long and have sections of their own.
template <class Io, maybe_const<SeriesProgress> S>
void fields(Io& io, S& s) {
    io.each(s.ledger, s.first_place, s.seen_before, s.series, s.between, s.first_image, s.window, s.bins, s.flags, s.refused,
            s.first_frame_ns, s.last_frame_ns, s.ran_s);
}

template <class Io, maybe_const<BinDeficit> S>
void fields(Io& io, S& s) {
    io.each(s.bin, s.pixels, s.norm);
}

template <class Io, maybe_const<JoinedFrame> S>
void fields(Io& io, S& s) {
    io.each(s.number, s.exposure_s, s.monitor, s.deficits);
}

template <class Io, maybe_const<FrameCounts> S>
void fields(Io& io, S& s) {
    io.each(s.number, s.exposure_s, s.monitor);
    io.packed(s.counts);
    io.packed(s.carries);
    io.each(s.deficits, s.joined, s.deficit_lists);
}
inline void fields(ByteWriter& io, std::shared_ptr<FrameCounts const> const& point) {
    io(*point);
}
inline void fields(ByteReader& io, std::shared_ptr<FrameCounts const>& point) {
    auto read = std::make_shared<FrameCounts>();
    io(*read);
    if (!consistent(*read, read->counts.size())) ByteReader::fail("has frames that are none");
    point = std::move(read);
}

template <class Io, maybe_const<FrameSums> S>
void fields(Io& io, S& s) {
    io(s.frames);
    io.packed(s.pixels);
    io.packed(s.invalid_frames);
}

} // namespace sqd
