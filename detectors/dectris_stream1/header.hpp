// The global header of Stream V1 (dheader-1.0) into a SeriesStart.
#pragma once

#include "detectors/decoder.hpp"

#include <nlohmann/json.hpp>

#include <span>

namespace sqd::dectris_stream1 {

/// A header and what later messages of its series need to be understood.
struct Header {
    SeriesStart start;
    std::int64_t ns_per_time_unit = 1; ///< of start, stop and real time: 1.6 counts ticks of 20 ns, 1.8 counts ns
};

/// `first` is the parsed part 0. Any header_detail: none (1 part), basic (2), all (8, or fewer where a simulator leaves parts out),
/// each with or without the appendix as last part. eV become keV, sensor metres become um. Every key of the configuration is
/// optional: one that is absent, of another type or a number that JSON has no form for is not stated. Throws DecodeError.
Header parse_header(nlohmann::json const& first, std::span<MessagePart const> parts, DecoderLimits const& limits);

} // namespace sqd::dectris_stream1
