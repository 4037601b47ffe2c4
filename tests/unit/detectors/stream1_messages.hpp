// Stream V1 messages for tests, part by part.
#pragma once

#include "tests/unit/detectors/packing.hpp"

#include <string>
#include <vector>

namespace sqd::test {

using Message = std::vector<MessagePart>;

inline std::string stream1_config() {
    return R"({"countrate_correction_applied":true,"countrate_correction_count_cutoff":2943293,"count_time":0.0199,"frame_time":0.02,)"
           R"("data_collection_date":"2026-11-22T10:00:00+01:00","description":"Dectris EIGER1 Si 4M","detector_number":"E-08-0100",)"
           R"("flatfield_correction_applied":true,"nimages":60,"ntrigger":30,"photon_energy":13000.0,"pixel_mask_applied":true,)"
           R"("sensor_material":"Si","sensor_thickness":0.00045,"software_version":"1.8.0","threshold_energy":6500.0,"wavelength":0.9537,)"
           R"("x_pixel_size":0.000075,"x_pixels_in_detector":3,"y_pixel_size":0.000076,"y_pixels_in_detector":2})";
}

inline std::string stream1_start(std::string const& detail, int series) {
    return R"({"header_detail":")" + detail + R"(","htype":"dheader-1.0","series":)" + std::to_string(series) + "}";
}

/// A header with everything: flat field, mask, count-rate table of a 2 x 3 image.
inline Message stream1_header_all(int series, std::string const& config = stream1_config()) {
    return {part(stream1_start("all", series)),
            part(config),
            part(R"({"htype":"dflatfield-1.0","shape":[3,2],"type":"float32"})"),
            part(Bytes(24)),
            part(R"({"htype":"dpixelmask-1.0","shape":[3,2],"type":"uint32"})"),
            part(pixel_bytes({0, 1, 0, 8, 0, 0x80000000}, 4)),
            part(R"({"htype":"dcountrate_table-1.0","shape":[2,1],"type":"float32"})"),
            part(Bytes(8))};
}

/// An image of 2 rows and 3 columns.
inline Message stream1_image(int series, int number, std::string const& encoding, std::string const& type, Bytes const& blob) {
    return {part(R"({"frame":)" + std::to_string(number) + R"(,"hash":"00","htype":"dimage-1.0","series":)" + std::to_string(series) + "}"),
            part(R"({"encoding":")" + encoding + R"(","htype":"dimage_d-1.0","shape":[3,2],"size":)" + std::to_string(blob.size()) +
                 R"(,"type":")" + type + "\"}"),
            part(blob), part(R"({"htype":"dconfig-1.0","real_time":19900000,"start_time":4843213806960,"stop_time":4843233706960})")};
}

} // namespace sqd::test
