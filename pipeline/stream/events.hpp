// What travels from the intake to the processing thread, in order.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/image.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace sqd {

/// A message that was not understood and is gone.
struct BadMessage {
    DecodeFault fault;
    std::string what;
};

/// A frame that was received and had to be let go because the queue was full.
struct LostFrame {
    SeriesKey series;
    std::uint64_t number;
};

/// An image of floating-point pixels; only files have those. A pixel that is no finite number takes no part in the whole series.
struct FloatFrame {
    SeriesKey series;
    std::uint64_t number = 0;
    Image<double> pixels;
    std::optional<double> exposure_s;
    std::int64_t received_ns = 0;
};

/// The source has no more: what runs ends as it stands.
struct EndOfInput {};

using StreamEvent = std::variant<SeriesStart, Frame, SeriesEnd, BadMessage, LostFrame, FloatFrame, EndOfInput>;

} // namespace sqd
