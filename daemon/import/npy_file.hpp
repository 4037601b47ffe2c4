// NumPy's files (.npy) as image files.
#pragma once

#include "daemon/import/image_file.hpp"

#include <filesystem>

namespace sqd {

/// An array of two dimensions is one image, of three as many as its first says. Integers of 8 to 32 bits, or floating point; either byte
/// order, rows one after another. Throws DecodeError, IoError.
ImageFile open_npy_file(std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
