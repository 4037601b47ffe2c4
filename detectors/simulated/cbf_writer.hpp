// Writes CBF files as camserver does for Pilatus: byte-offset compression with its MD5.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sqd::simulated {

/// What the text header says; camserver's keys.
struct CbfHeader {
    std::string name;     ///< data block, usually the file's stem
    std::string detector; ///< "PILATUS3 X CdTe 2M"
    std::string date;     ///< local time, no zone
    double pixel_m = 0;
    std::string sensor_material; ///< "Si" or "CdTe"
    double sensor_thickness_um = 0;
    double exposure_s = 0, period_s = 0;
    double energy_keV = 0, threshold_keV = 0;
    double distance_m = 0, beam_row = 0, beam_col = 0;
    std::uint32_t count_cutoff = 0;
};

/// CBF byte-offset: differences to the pixel before, in 1, 2, 4 or 8 bytes (here at most 8: neighbours may differ by 2^32).
Part encode_byte_offset(std::span<std::int32_t const> pixels);

/// A whole CBF file of rows x cols signed 32-bit pixels.
Part write_cbf(CbfHeader const& header, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels);

} // namespace sqd::simulated
