// DECTRIS SIMPLON Stream V1 ("legacy"), as EIGER and EIGER2 send it.
#pragma once

#include "detectors/decoder.hpp"

#include <memory>

namespace sqd {

/// Reads headers, images and ends of API 1.6 and 1.8. Images are understood by themselves (type, shape and encoding may change at any
/// time); of the running header they take the largest valid count, the unit of time, and the series where they name none.
std::unique_ptr<Decoder> make_dectris_stream1(DecoderOptions const& options);

} // namespace sqd
