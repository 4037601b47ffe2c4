// Backgrounds and the dark that later scans subtract, on disk: a restart forgets none.
#pragma once

#include "pipeline/stream/reducer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

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
    /// Takes away that of an id, if there is one; throws IoError.
    void forget_background(std::string const& id);

private:
    std::filesystem::path background_file(std::string const& id) const;
    std::filesystem::path directory_;
    std::string conditions_;
    std::uint64_t sequence_ = 0; ///< of the newest
};

} // namespace sqd
