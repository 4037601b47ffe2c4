// What a detector says: the start of a series, its frames, its end.
#pragma once

#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sqd {

/// Which series a message belongs to. `unique_id` is empty where the format has none (Stream V1, Pilatus).
struct SeriesKey {
    std::uint64_t series_id = 0;
    std::string unique_id;
    bool operator==(SeriesKey const&) const = default;
};

/// Start of a series. Every field that a detector may leave out is optional; absent never means zero.
struct SeriesStart {
    SeriesKey series;
    std::string description; ///< detector's own name, "Dectris EIGER2 Si 4M"
    std::string serial_number;
    std::size_t rows = 0, cols = 0;               ///< 0 = not stated
    std::optional<std::uint64_t> images_expected; ///< an upper bound, not a promise
    std::optional<double> energy_keV, wavelength_A, threshold_keV;
    std::optional<double> count_time_s, frame_time_s;
    std::optional<double> pixel1_m, pixel2_m; ///< slow, fast
    std::optional<std::string> sensor_material;
    std::optional<double> sensor_thickness_um;
    std::optional<std::uint64_t> saturation; ///< largest count that is still valid
    std::optional<bool> countrate_correction_applied, flatfield_applied, pixel_mask_applied;
    std::shared_ptr<std::vector<std::uint32_t> const> pixel_mask; ///< row-major, 0 = good; null = not sent
    std::string appendix;                                         ///< header appendix, any text
    std::string date;                                             ///< as the detector wrote it
    std::optional<std::uint64_t> first_image = 0;                 ///< number of its first image; nullopt: the lowest that comes
};

/// One image. Copies share the bytes behind `tiles`.
struct Frame {
    SeriesKey series;
    bool series_named = true; ///< false: the format names no series (Pilatus); what comes after the end of one is the next
    std::string mark;         ///< of one without a name: what images of other series do not have; empty = nothing tells them
    bool has_starts = true;   ///< false: the format knows no start of a series, so that none can be missed
    std::uint64_t number = 0; ///< as the detector counts: from SeriesStart::first_image
    std::size_t rows = 0, cols = 0;
    unsigned bits = 0; ///< 8, 16 or 32: the detector's pixel type
    bool is_signed = false;
    std::string encoding;  ///< as the format names it: "bs32-lz4<", "cbf"
    std::string channel;   ///< of a detector with several thresholds; empty: it has one
    std::size_t bytes = 0; ///< memory held by the message behind it, for bounds
    std::shared_ptr<TileReader> tiles;
    std::optional<std::int64_t> start_ns, stop_ns, real_ns; ///< detector's own clock: only differences mean something
    std::optional<double> exposure_s;                       ///< where the image itself says it
    std::optional<double> monitor;                          ///< per frame, where the stream carries it
    std::shared_ptr<SeriesStart const> about; ///< what the image itself says of its series (the header of a CBF file); may be null
    std::int64_t received_ns = 0;             ///< UTC, ns since 1970, stamped at the socket
};

/// Orderly end of a series.
struct SeriesEnd {
    SeriesKey series;
    bool any_series = false; ///< the format's end names no series (Pilatus): it ends the running one
};

using DetectorMessage = std::variant<SeriesStart, Frame, SeriesEnd>;

} // namespace sqd
