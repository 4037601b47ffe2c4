// Finds the images of an HDF5 file: DECTRIS' data and master files, NeXus defaults, or the only stack there is.
#pragma once

#include "daemon/import/file_series.hpp"

#include <hdf5.h>

#include <filesystem>
#include <string>
#include <vector>

namespace sqd {

/// A dataset of images, or a link to one that is not there.
struct Hdf5Images {
    std::string path;           ///< inside the file that was opened
    std::filesystem::path file; ///< that holds them: the opened one, or the one that a link names
    std::string missing;        ///< why they cannot be read; empty: they can be opened
};

/// In the order of the images. `options.dataset`, where not empty, names a dataset, or a group of data_000001, data_000002, ... Else these
/// are looked for in /entry/data and /entry, then /entry/data/data, then what NeXus' `default` and `signal` name, then the only dataset of
/// three dimensions, then the only one of two. Throws DecodeError: nothing found, or several (which it names).
std::vector<Hdf5Images> find_hdf5_images(hid_t file, std::filesystem::path const& path, FileOptions const& options);

} // namespace sqd
