// An image message of the PILATUS streams into a frame: its description, and the payload of the threshold that is wanted.
#pragma once

#include "detectors/decoder.hpp"

#include <nlohmann/json.hpp>

#include <span>

namespace sqd::pilatus_stream {

/// Everything but the series. `description` is the parsed part 0; its shape is [rows, cols] with one payload, or [thresholds, rows, cols]
/// with a payload per threshold, of which `options.channel` ("threshold_1", ...) is taken. An image without a frame number is number 0:
/// camserver counts a single image by nothing. Throws DecodeError.
Frame read_image(nlohmann::json const& description, std::span<MessagePart const> parts, DecoderOptions const& options);

} // namespace sqd::pilatus_stream
