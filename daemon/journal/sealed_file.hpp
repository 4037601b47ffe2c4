// Files that tell whether they are whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// What is in such a file. Of several the one with the highest sequence is the newest.
struct SealedContent {
    std::uint64_t sequence = 0;
    std::vector<std::byte> bytes;
};

/// Mark of four letters, version, sequence, length, content, CRC32C of all before: in pieces, to be written one after another.
struct Seal {
    std::vector<std::byte> head, tail;
};
Seal seal(std::string const& mark, std::uint64_t sequence, std::span<std::byte const> content);

/// nullopt where the file is not there, cannot be read, or is not whole.
std::optional<SealedContent> read_sealed(std::filesystem::path const& path, std::string const& mark);
/// The same of its bytes.
std::optional<SealedContent> unseal(std::vector<std::byte> bytes, std::string const& mark);

/// Writes it over whatever is there, and syncs: a crash in the middle leaves a file that is not whole. Throws IoError; then there is none.
void overwrite_sealed(std::filesystem::path const& path, std::string const& mark, std::uint64_t sequence,
                      std::span<std::byte const> content);

/// The same under another name first, then in its place: a crash leaves the old one or the new one. Throws IoError; then the old one stays.
void replace_sealed(std::filesystem::path const& path, std::string const& mark, std::uint64_t sequence, std::span<std::byte const> content);

} // namespace sqd
