// ESRF data format files (.edf, .edf.gz, .edf.bz2) as image files.
#pragma once

#include "daemon/import/image_file.hpp"

#include <filesystem>

namespace sqd {

/// One image or several one after another, each behind its own header of any length (LImA's has 1024 bytes). Throws DecodeError, IoError.
ImageFile open_edf_file(std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
