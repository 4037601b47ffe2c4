// The detectors' shapes: pixels, gaps, masked columns (pyFAI's names).
#pragma once

#include "pipeline/core/image.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace sqd {

/// One detector model. Modules of `module_rows` x `module_cols` pixels with gaps between; CdTe sensors lose seam columns
/// in the middle of each module: `seam_cols` of them, starting `seam_offset` from module_cols / 2.
struct DetectorModel {
    char const* name;        ///< pyFAI class name, "Eiger4M"
    char const* description; ///< part of what the detector calls itself, "EIGER1 Si 4M" as SIMPLON 1.8 writes it; may be empty
    std::size_t rows, cols;
    double pixel_m;
    std::size_t module_rows, module_cols, gap_rows, gap_cols;
    std::size_t seam_cols;
    int seam_offset;
    char const* sensor_material; ///< usual sensor
    double sensor_thickness_um;
};

std::span<DetectorModel const> detector_models();
/// By pyFAI name, upper and lower case alike; null if unknown.
DetectorModel const* find_detector(std::string const& name);
/// Gaps and seams, non-zero = excluded.
Mask gap_mask(DetectorModel const& model);

} // namespace sqd
