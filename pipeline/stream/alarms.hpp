// Alarms: a name, a sentence, since when; latched until somebody acknowledges them. Raised and cleared from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sqd {

struct Alarm {
    std::string name;          ///< "decode", "refused", "overload", "archive", "no_background"
    std::string message;       ///< one sentence: problem (why) suggestion
    std::int64_t since_ns;     ///< UTC, when it was listed
    std::uint64_t count;       ///< times raised since then
    bool active = true;        ///< its cause goes on; false = it has gone, and nobody has acknowledged it yet
    bool acknowledged = false; ///< somebody knows; only of an active one, the other then leaves the list
};

/// An alarm leaves the list when its cause has gone and somebody has acknowledged it, in whichever order. Bounded: names come from the
/// code and what goes beyond most_alarms is one alarm, "other"; sentences are cut at longest_message bytes.
class AlarmBoard {
public:
    static constexpr std::size_t most_alarms = 64, longest_message = 1000;

    /// True when the alarm was not active before: the caller logs then, and only then.
    bool raise(std::string const& name, std::string const& message, std::int64_t utc_ns);
    /// Its cause has gone.
    void clear(std::string const& name);
    /// False when no alarm of that name is listed.
    bool acknowledge(std::string const& name);
    /// By name.
    std::vector<Alarm> current() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Alarm> alarms_;
};

} // namespace sqd
