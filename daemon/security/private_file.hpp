// Small text files that decide who may do what.
#pragma once

#include <filesystem>
#include <string>

namespace sqd {

/// All of a file of at most 1 MiB. Throws ConfigError `file: problem (why) suggestion`.
std::string read_small_file(std::filesystem::path const& file);

/// The same of a file that only its owner reads: throws ConfigError where its owner is neither this user nor root, or others may read or
/// write it; the group may read what root owns.
std::string read_private_file(std::filesystem::path const& file);

} // namespace sqd
