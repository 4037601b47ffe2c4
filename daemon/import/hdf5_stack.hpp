// Images stacked in one HDF5 dataset.
#pragma once

#include "daemon/hdf5_handle.hpp"
#include "daemon/import/image_file.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sqd {

/// The images of the dataset at `path`: [rows, cols] is one, [n, rows, cols] are n. Chunks of one image that are not packed, or by exactly
/// one of the filters 32008 (bitshuffle with LZ4) and 32004 (LZ4), are read as they are stored and decoded by this program, tile by tile
/// where the format has tiles; all else is read through HDF5. `saturation`: largest valid count, where known. `file` may be closed
/// afterwards. Throws DecodeError.
ImageFile open_hdf5_stack(hid_t file, std::string const& path, std::optional<std::uint64_t> saturation, FileOptions const& options);

} // namespace sqd
