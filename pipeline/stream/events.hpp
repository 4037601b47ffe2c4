// What travels from the intake to the processing thread, in order.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"

#include <cstdint>
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

using StreamEvent = std::variant<SeriesStart, Frame, SeriesEnd, BadMessage, LostFrame>;

} // namespace sqd
