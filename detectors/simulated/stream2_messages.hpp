// DECTRIS Stream V2 as a detector sends it: start, images, end; CBOR, one part each (SIMPLON API 1.8, stream format cbor).
#pragma once

#include "detectors/simulated/message.hpp"
#include "detectors/simulated/pixel_encoder.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sqd::simulated {

/// One threshold of a detector, or the difference of two.
struct Stream2Channel {
    std::string name = "threshold_1";
    double threshold_keV = 0;              ///< 0: it has none (a difference)
    std::vector<std::uint32_t> pixel_mask; ///< row-major; empty: null is sent
};

/// What a detector says of itself and of a series.
struct Stream2Series {
    std::uint64_t series_id = 1;
    std::string unique_id = "01HV0000000000000000000001"; ///< a ULID
    std::string description;                              ///< "Dectris EIGER2 Si 4M"
    std::size_t rows = 0, cols = 0;
    double pixel_m = 0;
    double energy_keV = 0;
    std::string sensor_material;
    double sensor_thickness_um = 0;
    double distance_m = 0, beam_row = 0, beam_col = 0; ///< direct beam in pixels
    double exposure_s = 0, period_s = 0;
    std::uint64_t images = 0;
    std::uint32_t count_cutoff = 0;                ///< largest valid count
    unsigned bits = 32;                            ///< of a pixel: 8, 16 or 32
    PixelEncoding encoding = PixelEncoding::bslz4; ///< not bare_lz4, which Stream V2 does not have
    std::vector<Stream2Channel> channels{{}};
    std::string date;      ///< ISO 8601
    std::string user_data; ///< text of the user, left out when empty
    Part user_data_cbor;   ///< the same as any other item; wins
};

/// Without flat fields, masks and the count-rate table unless the detail is all.
Message stream2_start_message(Stream2Series const& series, HeaderDetail detail);

/// All channels of one exposure: `payloads` are their images in the series' encoding, in the order of its channels. Times are
/// fractions of seconds since the start of the series, counted at 50 MHz.
Message stream2_image_message(Stream2Series const& series, std::uint64_t image, std::span<SharedPart const> payloads);

Message stream2_end_message(Stream2Series const& series);

} // namespace sqd::simulated
