// What an earlier start of the program left unfinished.
#pragma once

#include "daemon/journal/scan_records.hpp"
#include "daemon/journal/sealed_file.hpp"
#include "daemon/run/chain_past.hpp"

#include <string>
#include <vector>

namespace sqd {

struct LeftOver {
    std::vector<InterruptedSeries> series; ///< in order of their starts: only the last may go on
    std::vector<std::string> unreadable;   ///< uids of scans of which nothing is known but that they began
};

/// Of every scan that the journal does not know to be over the newest of its checkpoints, else what its start says. `checkpoints`: newest
/// first; one that cannot be read is passed over.
LeftOver interrupted_series(std::vector<InterruptedScan> const& scans, std::vector<SealedContent> const& checkpoints,
                            std::string const& config_sha256);

} // namespace sqd
