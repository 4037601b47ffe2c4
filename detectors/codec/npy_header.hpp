// What a NumPy file (.npy) says of its pixels: format 1 to 3, magic, version, length, a Python dictionary as text.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// Reads the header; checks that the file holds all numbers it promises. `bytes` are the file's, or as many of its first ones as hold
/// the header where the whole file has `file_bytes`. Throws DataError `problem (why)`, without the file's name.
NpyHeader parse_npy_header(std::string_view bytes);
NpyHeader parse_npy_header(std::string_view bytes, std::uint64_t file_bytes);

} // namespace sqd
