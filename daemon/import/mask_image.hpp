// Images of files as masks.
#pragma once

#include "pipeline/core/image.hpp"

#include <string>

namespace sqd {

/// Reads the one image of a file as a mask: what is not zero (NaN, too) is masked, the first row of the file is row 0; nothing is turned
/// over or inverted by guess. By the name's ending: `.npy .edf .cbf` (also `.gz`, `.bz2`), `.tif .tiff`, `.h5 .hdf5 .nxs` (also
/// `file.h5::/path`), `.msk` (FIT2D), `.mask` (Dioptas' TIFF). Pixels may be of any type that the image readers know, true and false,
/// single bits or 64-bit integers.
/// Throws DataError `problem (why) suggestion`, without the file's name, for another ending, a file that cannot be read or is malformed,
/// and one that holds several images.
Mask read_mask_image(std::string const& path);

} // namespace sqd
