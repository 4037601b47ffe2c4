// The outermost map of a Stream V2 message.
#pragma once

#include "detectors/codec/cbor_map.hpp"
#include "detectors/decoder.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqd::dectris_stream2 {

struct Message {
    std::string type; ///< "start", "image", "end" or what else it says
    CborMap fields;   ///< views into the part
};

/// Walks the whole message, so that what is read of it later is known to be CBOR. Throws DecodeError: malformed, truncated, oversized;
/// unsupported for Stream V1 and for the dialect of the first firmware with Stream V2, by name.
Message parse_message(MessagePart const& part);

/// An image is not understood without it: DecodeError (malformed) naming the key where it is absent or no whole number.
std::uint64_t require_unsigned(CborMap const& fields, std::string_view key);

/// Series of a message. What it does not name is that of the `running` one.
SeriesKey series_of(CborMap const& fields, SeriesKey const& running);

} // namespace sqd::dectris_stream2
