// What the text of a camserver CBF file says of the series that its image belongs to.
#pragma once

#include "detectors/codec/cbf.hpp"
#include "pipeline/core/frame.hpp"

#include <memory>

namespace sqd {

/// The facts in the "# Key value unit" lines: detector and serial number, date, pixel size, sensor, exposure time and period, threshold,
/// wavelength, largest count, flat field; and the shape. A line that is absent or damaged says nothing. The series and its first image
/// are not in a file. Never throws DecodeError.
SeriesStart describe_cbf(CbfImage const& image);

/// The same of the bytes of a file; null where they are no CBF: decoding its pixels will say what is wrong.
std::shared_ptr<SeriesStart const> describe_cbf_file(std::span<std::byte const> file);

} // namespace sqd
