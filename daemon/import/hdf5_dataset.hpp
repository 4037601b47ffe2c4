// Opens an HDF5 dataset so that reading it image by image takes bounded memory and unpacks no chunk twice.
#pragma once

#include "daemon/hdf5_handle.hpp"
#include "detectors/decoder.hpp"

#include <string>

namespace sqd {

/// The dataset at `path`, with a cache for the chunks that an image touches. Throws DecodeError: oversized where a chunk is beyond
/// limits.max_image_bytes, truncated where a virtual dataset has sources that are not there (HDF5 would make them zeros).
Hdf5Handle open_hdf5_dataset(hid_t file, std::string const& path, DecoderLimits const& limits);

} // namespace sqd
