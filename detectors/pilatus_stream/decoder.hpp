// PILATUS behind the ZeroMQ shim that MAX IV runs on the detector's computer (pilatus-streamer), and what MAX IV's streaming-receiver
// passes on.
#pragma once

#include "detectors/decoder.hpp"

#include <memory>

namespace sqd {

/// Three messages: header with a file name, image (raw pixels, a whole CBF file, or bslz4), series_end. None names a series: they are
/// counted (pilatus_stream/series_counter.hpp). What the receiver passes on numbers its messages, and may have one payload per threshold.
std::unique_ptr<Decoder> make_pilatus_stream(DecoderOptions const& options);

} // namespace sqd
