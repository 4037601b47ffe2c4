// Which reader an image file goes to.
#pragma once

#include "daemon/import/image_file.hpp"
#include "daemon/import/input_kind.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// "file.h5::/path" as the file and the path inside it; any other path and "".
std::pair<std::filesystem::path, std::string> split_dataset(std::filesystem::path const& path);

/// What a file of an image kind (is_image) holds: one source, or one for each dataset that an HDF5 master file leads to.
/// Throws DecodeError, IoError for an HDF5 file; other files say what is wrong when their source is opened.
std::vector<ImageSource> image_sources(std::filesystem::path const& file, InputKind kind, FileOptions const& options);

} // namespace sqd
