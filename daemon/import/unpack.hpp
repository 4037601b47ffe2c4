// gzip and bzip2 files into memory, never more of it than allowed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sqd {

/// All that a .gz file holds, of several members one after another. Throws DecodeError: corrupt, truncated, or oversized beyond `most`
/// bytes.
std::vector<std::byte> unpack_gzip(std::span<std::byte const> packed, std::size_t most);
/// The same of a .bz2 file.
std::vector<std::byte> unpack_bzip2(std::span<std::byte const> packed, std::size_t most);

} // namespace sqd
