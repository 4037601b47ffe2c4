// The start message of Stream V2 into a SeriesStart.
#pragma once

#include "detectors/decoder.hpp"
#include "detectors/dectris_stream2/message.hpp"

namespace sqd::dectris_stream2 {

/// eV become keV, sensor metres become um; what is absent, null or 0 stays absent. Threshold and pixel mask are those of
/// DecoderOptions::channel, else of the only channel. user_data becomes the appendix: text as it is, all else as JSON text.
/// Throws DecodeError: malformed without a series, and for a mask that cannot be read.
SeriesStart parse_start(CborMap const& fields, DecoderOptions const& options);

} // namespace sqd::dectris_stream2
