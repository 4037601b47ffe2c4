// A state on disk that is written again and again: two files that take turns, so that one is whole whenever the program dies.
#pragma once

#include "daemon/journal/sealed_file.hpp"

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// `<name>-a.sqdc` and `<name>-b.sqdc` in a directory that exists. One writer.
class CheckpointFiles {
public:
    explicit CheckpointFiles(std::filesystem::path const& directory, std::string const& name = "checkpoint");

    /// Contents of those that are whole, newest first.
    std::vector<SealedContent> read() const;
    /// In place of the older one, or of one that is not whole. Throws IoError; the newer one is untouched then.
    void write(std::span<std::byte const> content);

private:
    std::array<std::filesystem::path, 2> paths_;
    std::uint64_t sequence_ = 0; ///< of the newest
    std::size_t next_ = 0;       ///< file to write
};

} // namespace sqd
