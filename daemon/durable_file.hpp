// Files that are on disk when the call returns.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace sqd {

/// Of a file that is not whole yet, behind the name that it will have.
inline constexpr char const* temporary_suffix = ".tmp";

/// Puts `bytes` at `path`: a reader, and whoever comes after a crash at any moment, finds the old file or the new one, whole.
/// Written as `path.tmp`, synced, renamed, and the directory synced. Throws IoError (output) with the file and the system's reason.
void replace_file(std::filesystem::path const& path, std::span<std::byte const> bytes);

/// The same for a file that must not exist yet; throws IoError when it does.
void create_file(std::filesystem::path const& path, std::span<std::byte const> bytes);

/// Creates a directory and its parents where they are not there; throws IoError.
void require_directory(std::filesystem::path const& directory);

/// The same; throws IoError when that fails or nothing can be written there.
void require_writable_directory(std::filesystem::path const& directory);

} // namespace sqd
