// What an ESRF data format file (.edf) says of its next image: `key = value ;` lines between { and }.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace sqd {

/// Of one image; a file may hold several, each with its own header.
struct EdfHeader {
    std::size_t rows = 0, cols = 0;
    std::size_t bytes = 0; ///< per pixel: 1, 2, 4 or 8
    bool is_signed = false, is_real = false;
    bool big_endian = false;
    std::size_t offset = 0;                    ///< of the first pixel from the start of the header
    std::size_t stated_bytes = 0;              ///< of the pixels, where a key says so; more than rows x cols need is padding
    std::map<std::string, std::string> values; ///< all keys, in lower case: they are written in every mixture of cases
};

/// Headers are multiples of 512 bytes; what is longer than this is none.
inline constexpr std::size_t longest_edf_header = 256 * 1024;

/// Reads the header at the start of `bytes`, which may go on behind it. Throws DataError `problem (why)`, without the file's name, also
/// for compressed pixels and volumes.
EdfHeader parse_edf_header(std::string_view bytes);

} // namespace sqd
