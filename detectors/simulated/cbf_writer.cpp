#include "detectors/simulated/cbf_writer.hpp"

#include "detectors/simulated/md5.hpp"
#include "pipeline/core/units.hpp"

#include <cassert>
#include <cstdio>
#include <limits>

namespace sqd::simulated {

namespace {

constexpr std::size_t padding_bytes = 4095;

/// `bytes` low bytes of a value, least significant first.
void append_little_endian(Part& out, std::int64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

/// The most negative value of each width announces the next wider one.
void append_difference(Part& out, std::int64_t d) {
    constexpr std::int64_t max8 = 127, max16 = 32767, max32 = std::numeric_limits<std::int32_t>::max();
    if (d >= -max8 && d <= max8) return append_little_endian(out, d, 1);
    append_little_endian(out, -max8 - 1, 1);
    if (d >= -max16 && d <= max16) return append_little_endian(out, d, 2);
    append_little_endian(out, -max16 - 1, 2);
    if (d >= -max32 && d <= max32) return append_little_endian(out, d, 4);
    append_little_endian(out, -max32 - 1, 4);
    append_little_endian(out, d, 8);
}

template <class... Values>
std::string line(char const* format, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, format, values...);
    return std::string(text) + "\r\n";
}

std::string text_header(CbfHeader const& h) {
    std::string text = "###CBF: VERSION 1.5, CBFlib v0.7.8 - PILATUS detectors\r\n\r\n";
    text += "data_" + h.name + "\r\n\r\n_array_data.header_convention \"PILATUS_1.2\"\r\n_array_data.header_contents\r\n;\r\n";
    text += "# Detector: " + h.detector + ", S/N simulated\r\n# " + h.date + "\r\n";
    text += line("# Pixel_size %.0fe-6 m x %.0fe-6 m", h.pixel_m * 1e6, h.pixel_m * 1e6);
    text += line("# %s sensor, thickness %.6f m", h.sensor_material == "Si" ? "Silicon" : h.sensor_material.c_str(),
                 h.sensor_thickness_um * 1e-6);
    text += line("# Exposure_time %.7f s", h.exposure_s) + line("# Exposure_period %.7f s", h.period_s);
    text += line("# Count_cutoff %u counts", h.count_cutoff) + line("# Threshold_setting: %.0f eV", h.threshold_keV * 1e3);
    text += line("# Wavelength %.6f A", wavelength_A(h.energy_keV)) + line("# Detector_distance %.6f m", h.distance_m);
    text += line("# Beam_xy (%.2f, %.2f) pixels", h.beam_col, h.beam_row);
    return text + ";\r\n\r\n_array_data.data\r\n;\r\n";
}

std::string binary_header(Part const& data, std::size_t rows, std::size_t cols) {
    std::string text = "--CIF-BINARY-FORMAT-SECTION--\r\nContent-Type: application/octet-stream;\r\n"
                       "     conversions=\"x-CBF_BYTE_OFFSET\"\r\nContent-Transfer-Encoding: BINARY\r\n";
    text += line("X-Binary-Size: %zu", data.size());
    text += "X-Binary-ID: 1\r\nX-Binary-Element-Type: \"signed 32-bit integer\"\r\n"
            "X-Binary-Element-Byte-Order: LITTLE_ENDIAN\r\nContent-MD5: " +
            md5_base64(data) + "\r\n";
    text += line("X-Binary-Number-of-Elements: %zu", rows * cols) + line("X-Binary-Size-Fastest-Dimension: %zu", cols);
    text += line("X-Binary-Size-Second-Dimension: %zu", rows) + line("X-Binary-Size-Padding: %zu", padding_bytes);
    return text + "\r\n\x0c\x1a\x04\xd5";
}

void append(Part& out, Part const& more) {
    out.insert(out.end(), more.begin(), more.end());
}

} // namespace

Part encode_byte_offset(std::span<std::int32_t const> pixels) {
    Part out;
    out.reserve(pixels.size() + pixels.size() / 8);
    std::int64_t before = 0;
    for (auto const pixel : pixels) {
        append_difference(out, pixel - before);
        before = pixel;
    }
    return out;
}

Part write_cbf(CbfHeader const& header, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels) {
    assert(pixels.size() == rows * cols);
    auto const data = encode_byte_offset(pixels);
    Part file = part_of(text_header(header) + binary_header(data, rows, cols));
    append(file, data);
    file.resize(file.size() + padding_bytes);
    append(file, part_of("\r\n--CIF-BINARY-FORMAT-SECTION----\r\n;\r\n\r\n"));
    return file;
}

} // namespace sqd::simulated
