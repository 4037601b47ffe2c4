// DECTRIS Stream V1 as a detector sends it: header, images, series end (SIMPLON API 1.8, section 5.4.3).
#pragma once

#include "detectors/simulated/message.hpp"
#include "detectors/simulated/pixel_encoder.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sqd::simulated {

/// API 1.6 has fewer keys, writes 1 and 0 for booleans, counts time in ticks of 20 ns and ends its texts in a newline.
enum class Stream1Dialect { api_1_6, api_1_8 };

/// What an Eiger says of itself and of a series.
struct Stream1Series {
    std::uint64_t series_id = 1;
    std::string description; ///< "Dectris EIGER X 4M"
    std::size_t rows = 0, cols = 0;
    double pixel_m = 0;
    double energy_keV = 0, threshold_keV = 0;
    std::string sensor_material;
    double sensor_thickness_um = 0;
    double distance_m = 0, beam_row = 0, beam_col = 0; ///< direct beam in pixels
    double exposure_s = 0, period_s = 0;
    std::uint64_t images = 0;
    std::uint32_t count_cutoff = 0;        ///< largest valid count
    std::vector<std::uint32_t> pixel_mask; ///< row-major: bit 0 gap, 3 over-responding, 4 noisy
    std::string date;                      ///< ISO 8601
    std::string appendix;                  ///< last part of the header, left out when empty
    Stream1Dialect dialect = Stream1Dialect::api_1_8;
    PixelEncoding encoding = PixelEncoding::bslz4; ///< not framed_lz4, which Stream V1 does not have
    unsigned bits = 32;                            ///< of a pixel: 8, 16 or 32
    std::string image_appendix;                    ///< last part of every image, left out when empty
};

/// dheader-1.0: one part (none), two (basic), eight (all), and one more with an appendix.
Message header_message(Stream1Series const& series, HeaderDetail detail);

/// dimage-1.0: four parts, five with an appendix. `payload` is the image in the series' encoding; times are those of the detector's
/// clock.
Message image_message(Stream1Series const& series, std::uint64_t frame, Part payload);
/// The same around a payload that is shared.
SharedMessage shared_image_message(Stream1Series const& series, std::uint64_t frame, SharedPart payload);

/// As the description of an image names it: "bs32-lz4<", "lz4<", "<".
std::string stream1_encoding(PixelEncoding encoding, unsigned bits);

/// dseries_end-1.0.
Message series_end_message(std::uint64_t series_id);

} // namespace sqd::simulated
