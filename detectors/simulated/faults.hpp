// Misbehaviour on request: faults in the order and the bytes of a series' messages, whatever the protocol. Nothing is random.
#pragma once

#include "detectors/simulated/schedule.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sqd::simulated {

/// A fault as asked for: "gaps=10", "2:gaps=3-5".
struct Fault {
    std::uint64_t series = 0; ///< counted from 1; 0 = every one
    std::string name;         ///< of fault_table()
    std::string value;        ///< as written
    std::uint64_t first = 0;  ///< its number, or the first of a range; 0 where none is written
    std::uint64_t last = 0;   ///< of a range
    bool range = false;       ///< "3-5"
    bool operator==(Fault const&) const = default;
};

/// A kind of fault. Those that change no message are for whoever owns the connection or chooses the dialect.
struct FaultEntry {
    char const* name;
    char const* value;   ///< what may follow '=', as help shows it; empty: nothing
    char const* meaning; ///< a sentence
    void (*apply)(Schedule&, Fault const&);
};

/// All faults, an explicit table.
std::vector<FaultEntry> const& fault_table();
/// Throws DataError naming the known ones.
Fault parse_fault(std::string const& text);
/// The table as text, a line each.
std::string fault_help();

/// The schedule with the fault in it.
Schedule misbehave(Schedule schedule, Fault const& fault);
} // namespace sqd::simulated
