// Reads back from an archive file what comparisons need.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <filesystem>
#include <string>

namespace sqd {

/// What of the archived result is compared. Throws IoError (input) where the file is not there; DecodeError where it is no HDF5 file, no
/// archive of this program, or holds curves whose columns do not fit each other.
ComparedResult read_result(std::filesystem::path const& file);

/// The same of a file that is named relative to the archive's directory. Throws DataError for a name that leads out of it, also by a
/// link, or to no file.
ComparedResult read_archived(std::filesystem::path const& directory, std::string const& name);

} // namespace sqd
