// PSI's array-1.0 and pilatus-1.0 messages in the dialects that senders speak.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sqd::simulated {

/// How a sender of array-1.0 departs from the specification, and what it adds.
struct ArrayDialect {
    bool htype_in_list = false;        ///< "htype": ["array-1.0"]
    bool width_first = false;          ///< "shape": [width, height]
    bool leading_axis = false;         ///< "shape": [1, height, width]
    std::string endianness_key;        ///< "endianness", or misspelt "endianess"; empty: not said
    std::optional<double> timestamp_s; ///< areaDetector's plugin: timeStamp, encoding and ndattr
};

/// `pixels` are rows x cols of `type` ("uint16"), row by row.
Message array_message(std::uint64_t frame, std::size_t rows, std::size_t cols, std::string const& type, Part pixels,
                      ArrayDialect const& dialect = {});
/// A whole CBF file.
Message pilatus1_message(std::string const& filename, std::string const& path, Part file);
/// What areaDetector's plugin says when it is switched off.
Message stop_message();

} // namespace sqd::simulated
