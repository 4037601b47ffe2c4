// What a NumPy file (.npy) says of its pixels: format 1 to 3, magic, version, length, a Python dictionary as text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sqd {

/// A plain array of numbers.
struct NpyHeader {
    std::vector<std::size_t> shape;
    char kind = 'f';       ///< NumPy's: f floating point, i signed, u unsigned, b bool
    std::size_t bytes = 0; ///< per number: 1, 2, 4 or 8
    bool big_endian = false;
    bool column_major = false; ///< "fortran_order"
    std::size_t offset = 0;    ///< of the first number in the file
};

/// Reads the header; checks that the file holds all numbers it promises.
/// Throws DataError `problem (why)`, without the file's name.
NpyHeader parse_npy_header(std::string_view bytes);

} // namespace sqd
