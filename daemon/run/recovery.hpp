// What the journal brings from before the last restart.
#pragma once

#include "daemon/run/final_history.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

namespace sqd {

/// Fills the history and says in the log, and where something is amiss by the alarm "journal_start", what was found. Nothing that it finds
/// keeps the program from starting.
void recover(Journal const& journal, JournalContents const& contents, FinalHistory& history, AlarmBoard& alarms, Counters& counters,
             Clock const& clock);

/// An archive that cannot be written to is an alarm, not an end: finals wait in the journal.
void try_archive(std::string const& directory, AlarmBoard& alarms, Clock const& clock);

} // namespace sqd
