// Reads a detector image that NumPy saved.
#pragma once

#include "pipeline/core/image.hpp"

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace sqd {

/// A .npy file (format 1 to 3) of two dimensions: integers or floats of either size, little-endian, rows one after another.
/// Its shape must be `rows` x `cols`. Throws IoError (input) for a file that cannot be read, DataError `file: problem (why) suggestion`.
Image<double> read_npy_image(std::filesystem::path const& path, std::size_t rows, std::size_t cols);

/// The same from bytes; `file` is used in messages.
Image<double> parse_npy_image(std::string_view bytes, std::filesystem::path const& file, std::size_t rows, std::size_t cols);

} // namespace sqd
