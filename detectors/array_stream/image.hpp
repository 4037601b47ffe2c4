// One image of PSI's messages: array-1.0 and pilatus-1.0, without the series that it belongs to.
#pragma once

#include "detectors/decoder.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sqd::array_stream {

/// The rows and columns of an array whose shape was written as `sizes`, any number of 1 before the last two. Pixels lie row by row in any
/// case. Where the shape of the detector is known, the order of the two is the one that fits it: the specification says [y, x], but there
/// are senders that write [width, height]. Where it is not known, `width_first` decides. Throws DecodeError (mismatch, unsupported).
struct ArrayShape {
    std::size_t rows = 0, cols = 0;
    bool operator==(ArrayShape const&) const = default;
};
ArrayShape array_shape(std::vector<std::size_t> const& sizes, bool width_first, DecoderOptions const& options);

/// Raw pixels; `width_first` as above. Throws DecodeError.
Frame read_array(nlohmann::json const& header, MessagePart const& pixels, bool width_first, DecoderOptions const& options);

/// A whole CBF file, which says its shape itself. Throws DecodeError.
Frame read_file(MessagePart const& file, DecoderOptions const& options);

} // namespace sqd::array_stream
