// How much room disks have left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sqd {

/// On the disk of a directory, for this user [bytes]; 0 where the directory is not there.
std::uint64_t free_bytes(std::string const& directory);

/// Which of these have less than `least` [bytes], as an alarm says it; empty = none. A directory that is not there has no disk to be full.
std::string little_space(std::vector<std::string> const& directories, std::uint64_t least);

} // namespace sqd
