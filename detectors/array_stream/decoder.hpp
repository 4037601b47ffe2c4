// PSI's array-1.0 and pilatus-1.0 messages, as areaDetector's ADZMQ plugin and PSI's own senders publish them.
#pragma once

#include "detectors/decoder.hpp"

#include <memory>

namespace sqd {

/// Two parts each: a JSON header, and raw pixels (array-1.0) or a whole CBF file (pilatus-1.0). No message begins or ends a series: frame
/// numbers that begin anew do (frame_reset.hpp), another file name, and the text "STOP". Series count up from 1.
/// Senders disagree on the order of a shape: it is held against `options.rows` and `cols`, where those are known.
std::unique_ptr<Decoder> make_array_stream(DecoderOptions const& options);

} // namespace sqd
