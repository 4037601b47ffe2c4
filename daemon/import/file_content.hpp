// The bytes of an input file, unpacked where it is a .gz or .bz2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace sqd {

/// What a file holds: any part of it, read when it is asked for.
struct FileContent {
    std::uint64_t size = 0;
    /// The bytes from `offset` on, `bytes` of them or up to the end. Throws IoError where the file cannot be read any more.
    std::function<std::vector<std::byte>(std::uint64_t offset, std::size_t bytes)> read;
};

/// A plain file stays on disk; of one whose name ends in .gz or .bz2 all is unpacked into memory, at most `most` bytes.
/// Throws IoError (input) for a file that cannot be opened, DecodeError for packed bytes that are corrupt, truncated or too many.
FileContent open_content(std::filesystem::path const& path, std::size_t most);

/// All of it. DecodeError (oversized) beyond `most` bytes.
std::vector<std::byte> read_all(std::filesystem::path const& path, std::size_t most);

/// The file's name without .gz or .bz2.
std::filesystem::path unpacked_name(std::filesystem::path const& path);

} // namespace sqd
