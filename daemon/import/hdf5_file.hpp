// HDF5 files (.h5, .hdf5, .nxs) as image files.
#pragma once

#include "daemon/import/image_file.hpp"

#include <filesystem>
#include <vector>

namespace sqd {

/// One source per dataset of images: a data file has one, a master file one per data file that it links to. Each says what its master
/// says of the series. A data file that is not there is a source that does not open.
/// Throws DecodeError, IoError.
std::vector<ImageSource> hdf5_sources(std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
