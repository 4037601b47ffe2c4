// What an earlier start of the program left unfinished.
#pragma once

#include "daemon/journal/scan_records.hpp"
#include "daemon/journal/sealed_file.hpp"
#include "daemon/journal/series_codec.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// One that did not end, or that control ended and whose result was not saved.
struct LeftSeries {
    SavedState saved;
    std::optional<ScanEnd> ended;
};

struct LeftOver {
    std::vector<LeftSeries> series; ///< in order of their starts: only the last may go on
    std::optional<OpenScan> begun;  ///< the newest of those that no series of came
    std::vector<std::string> over;  ///< uids of scans of which nothing can be gone on with
};

/// The scan, where control began it and no series of it had come.
std::optional<OpenScan> begun_in(InterruptedScan const& scan);

/// Of every scan that the journal does not know to be over the newest of its checkpoints, else what its start says. `scans`: in the order
/// of the journal. `checkpoints`: newest first; one that cannot be read is passed over.
LeftOver interrupted_series(std::vector<InterruptedScan> const& scans, std::vector<SealedContent> const& checkpoints);

} // namespace sqd
