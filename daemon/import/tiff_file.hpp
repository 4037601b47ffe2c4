// TIFF files (.tif, .tiff) as image files, read by libtiff.
#pragma once

#include "daemon/import/image_file.hpp"

#include <filesystem>

namespace sqd {

/// One image per page: one number per pixel, integers of 8 to 32 bits (camserver's are int32) or floating point, in strips or tiles, packed
/// in any way that libtiff knows. What libtiff says goes into the DecodeError, not to stderr. Throws DecodeError, IoError.
ImageFile open_tiff_file(std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
