// camserver's CBF files (.cbf, .cbf.gz, .cbf.bz2) as image files.
#pragma once

#include "daemon/import/image_file.hpp"

#include <filesystem>

namespace sqd {

/// One image, read by the same code as those of a stream. Throws DecodeError, IoError.
ImageFile open_cbf_file(std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
