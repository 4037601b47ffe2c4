#include "daemon/run/recovery.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/run/interrupted_series.hpp"
#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

namespace sqd {

void recover(Journal const& journal, JournalContents const& contents, FinalHistory& history, AlarmBoard& alarms, Counters& counters,
             Clock const& clock) {
    std::uint64_t const damaged = contents.damaged + history.remember_from(journal, contents);
    counters.journal_damaged = damaged;
    auto const waiting = std::count_if(contents.finals.begin(), contents.finals.end(), [](auto const& final) { return !final.archived; });
    std::size_t interrupted = 0; // of one that was only begun nothing is missing
    for (auto const& scan : contents.interrupted) {
        if (begun_in(scan)) continue;
        ++interrupted;
        spdlog::warn("journal: scan {} was interrupted", scan.uid);
    }
    spdlog::info("journal: {} records, {} finals of which {} are not in the archive yet, {} interrupted scans", contents.records,
                 contents.finals.size(), waiting, interrupted);
    if (damaged > 0 || contents.damaged_bytes > 0) {
        spdlog::warn("journal: {} damaged records, {} damaged bytes (a crash while they were written, or a failing disk)", damaged,
                     contents.damaged_bytes);
    }
    std::string amiss;
    if (interrupted > 0) amiss += std::to_string(interrupted) + " scans were interrupted by a restart; ";
    if (damaged > 0) amiss += std::to_string(damaged) + " damaged records; ";
    if (!amiss.empty()) alarms.raise("journal_start", amiss + "the log has their names", clock.utc_ns());
}

void try_archive(std::string const& directory, AlarmBoard& alarms, Clock const& clock) {
    try {
        require_writable_directory(directory);
    } catch (IoError const& error) {
        spdlog::error("archive: {}", error.what());
        alarms.raise("archive", error.what(), clock.utc_ns());
    }
}

} // namespace sqd
