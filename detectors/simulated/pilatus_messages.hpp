// The messages of MAX IV's streamer beside a Pilatus: header, images, series end; no series number, no mask, no energy. And the same as
// MAX IV's receiver passes them on.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd::simulated {

/// {"htype":"header","filename":...}
Message pilatus_header_message(std::string const& filename);
/// Raw pixels, little-endian signed 32-bit. Without `frame` it is a single image, which camserver does not count.
Message pilatus_raw_message(std::optional<std::uint64_t> frame, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels);
/// A whole CBF file.
Message pilatus_cbf_message(std::optional<std::uint64_t> frame, std::size_t rows, std::size_t cols, Part file);
/// {"htype":"series_end"}
Message pilatus_end_message();

/// An image as the receiver passes it on. `message` counts all messages, across series.
struct PassedImage {
    std::uint64_t message = 0, frame = 0;
    std::size_t thresholds = 0; ///< first axis of the shape; 0: it has two axes
    std::size_t rows = 0, cols = 0;
    std::string type = "uint32", compression = "none"; ///< none or bslz4
    std::optional<double> exposure_s;
};

/// The header, with a second part of JSON where `scan` is not empty.
Message passed_header_message(std::uint64_t message, std::string const& filename, std::string const& scan = "");
/// One payload per threshold.
Message passed_image_message(PassedImage const& image, std::vector<Part> const& payloads);
Message passed_end_message(std::uint64_t message);
/// A bslz4 payload as bitshuffle's own functions write it: without the 12 bytes that lead DECTRIS' payloads.
Part without_framing_header(Part bslz4);

} // namespace sqd::simulated
