// The messages of MAX IV's streamer beside a Pilatus: header, images, series end; no series number, no mask, no energy.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sqd::simulated {

/// {"htype":"header","filename":...}
Message pilatus_header_message(std::string const& filename);
/// Raw pixels, little-endian signed 32-bit.
Message pilatus_raw_message(std::uint64_t frame, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels);
/// A whole CBF file.
Message pilatus_cbf_message(std::uint64_t frame, std::size_t rows, std::size_t cols, Part file);
/// {"htype":"series_end"}
Message pilatus_end_message();

} // namespace sqd::simulated
