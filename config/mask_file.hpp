// Mask images from files.
#pragma once

#include "pipeline/core/image.hpp"

#include <string>

namespace sqd {

/// Reads a mask, non-zero (or not a number) = excluded, first row of the file = row 0. By the name's ending: `.npy` (NumPy, any real
/// type, C or Fortran order, versions 1 to 3) or `.edf` (ESRF, first image, uncompressed). Never inverted by guess.
/// Throws DataError "problem (why) suggestion" for another ending, a malformed or truncated file.
Mask read_mask(std::string const& path);

/// The same from bytes of a .npy or .edf file.
Mask parse_npy_mask(std::string const& bytes);
Mask parse_edf_mask(std::string const& bytes);

} // namespace sqd
