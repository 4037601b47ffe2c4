// The one image of a file, for what is no series: masks, flat fields.
#pragma once

#include "daemon/import/image_file.hpp"
#include "daemon/import/input_kind.hpp"

#include <filesystem>
#include <string>

namespace sqd {

/// Opens a file of this kind, `dataset` inside it where one is named, and reads its image; pixels may be of any type that the readers know.
/// `what` is what messages call it, "a mask". Throws DataError without the file's name for several images, DecodeError and IoError as the
/// readers.
FileImage read_single_image(std::filesystem::path const& file, InputKind kind, std::string const& dataset, std::string const& what);

/// Reads a file of one image as numbers, the first row of the file as row 0: `.npy .edf .cbf` (also `.gz`, `.bz2`), `.tif .tiff`, `.h5
/// .hdf5 .nxs` (also `file.h5::/path`). Throws DataError `problem (why) suggestion`, without the file's name, for another ending, a file
/// that cannot be read or is malformed, and one that holds several images.
Image<double> read_number_image(std::string const& path);

} // namespace sqd
