// The detectors: shapes, pixels, gaps, masked columns, sensors, under pyFAI's names.
#pragma once

#include "pipeline/core/image.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace sqd {

/// One detector model. Modules of `module_rows` x `module_cols` pixels with gaps between; CdTe sensors lose seam columns
/// in the middle of each module: `seam_cols` of them, starting `seam_offset` from module_cols / 2.
struct DetectorModel {
    char const* name;        ///< pyFAI class name, "Eiger4M"
    char const* description; ///< part of what the detector calls itself: "EIGER1 Si 4M" (SIMPLON 1.8), "PILATUS3 6M" (camserver)
    std::size_t rows, cols;
    double pixel_m;
    std::size_t module_rows, module_cols, gap_rows, gap_cols;
    std::size_t seam_cols;
    int seam_offset;
    char const* sensor_material; ///< usual sensor
    double sensor_thickness_um;
};

std::span<DetectorModel const> detector_models();
/// By pyFAI's name or one of its aliases ("Eiger 4M", "Pilatus 2M CdTe"): case, spaces, - and _ do not matter. Null if unknown.
DetectorModel const* find_detector(std::string_view name);
/// The models of exactly this shape, in the order of the table.
std::vector<DetectorModel const*> detectors_of_shape(std::size_t rows, std::size_t cols);
/// Gaps and seams, non-zero = excluded.
Mask gap_mask(DetectorModel const& model);

} // namespace sqd
