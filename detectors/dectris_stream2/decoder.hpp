// DECTRIS Stream V2 (CBOR), as EIGER2, PILATUS4 and EIGER on new control units send it.
#pragma once

#include "detectors/decoder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// Reads start, image and end messages of one part. Of several channels it reads the one named by DecoderOptions::channel. Images are
/// understood by themselves; of the running start they take the largest valid count, and the series where they name none.
std::unique_ptr<Decoder> make_dectris_stream2(DecoderOptions const& options);

/// The channels whose pixels an image message holds, in the order sent; none for any other message. Throws DecodeError.
std::vector<std::string> channel_names(MessagePart const& message);

} // namespace sqd
