// Backgrounds and the dark that later scans subtract, on disk: a restart forgets none.
#pragma once

#include "pipeline/stream/reducer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// `conditions`: in any words, all that a pattern hangs on but its mask; what was measured under others is of no use.
std::vector<std::byte> background_bytes(StoredBackground const& background, std::string const& conditions);
std::vector<std::byte> dark_bytes(StoredDark const& dark, std::string const& conditions);

/// nullopt where the conditions were others. Their bins know what the reducer asks of those of a finished scan: its axis, and of a dark
/// whose pixels are known the bin and mask of each. Throw DataError for bytes that are not whole or not of these kinds.
std::optional<StoredBackground> read_background(std::span<std::byte const> bytes, std::string const& conditions);
std::optional<StoredDark> read_dark(std::span<std::byte const> bytes, std::string const& conditions);

struct KeptScans {
    std::vector<StoredBackground> backgrounds; ///< in order of measurement
    std::optional<StoredDark> dark;
    std::size_t of_other_conditions = 0, damaged = 0;
};

/// `background-<hash of its id>.sqdk` for every id, as the newest of an id is the only one that counts, and `dark.sqdk`, in a directory
/// that exists. One writer.
class KeptScanFiles {
public:
    KeptScanFiles(std::filesystem::path directory, std::string conditions);

    /// What is there; what cannot be read is counted.
    KeptScans read();
    /// On disk when they return. Throw IoError.
    void write(StoredBackground const& background);
    void write(StoredDark const& dark);

private:
    std::filesystem::path directory_;
    std::string conditions_;
    std::uint64_t sequence_ = 0; ///< of the newest
};

} // namespace sqd
