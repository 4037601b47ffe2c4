// An image message of Stream V2 into a Frame.
#pragma once

#include "detectors/decoder.hpp"
#include "detectors/dectris_stream2/message.hpp"

#include <cstdint>
#include <optional>

namespace sqd::dectris_stream2 {

/// What an image needs of the start before it.
struct Running {
    SeriesKey series;
    std::optional<std::uint64_t> saturation;
};

/// The chosen channel of an image; its pixels stay in the message behind `part`. Throws DecodeError.
Frame parse_image(CborMap const& fields, MessagePart const& part, Running const& running, DecoderOptions const& options);

} // namespace sqd::dectris_stream2
