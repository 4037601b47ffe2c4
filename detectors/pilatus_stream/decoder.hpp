// PILATUS behind the ZeroMQ shim that MAX IV runs on the detector's computer (maxiv-science/pilatus-streamer).
#pragma once

#include "detectors/decoder.hpp"

#include <memory>

namespace sqd {

/// Three messages: header with a file name, image (raw pixels or a whole CBF file), series_end. None names a series: headers are
/// counted, the first is series 1; images before any header are series 0. An image after a series_end opens the next series.
std::unique_ptr<Decoder> make_pilatus_stream(DecoderOptions const& options);

} // namespace sqd
