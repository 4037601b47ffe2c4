// Alarms: a name, a sentence, since when; raised and cleared from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sqd {

struct Alarm {
    std::string name;      ///< "decode", "refused", "overload", "archive", "no_background"
    std::string message;   ///< one sentence: problem (why) suggestion
    std::int64_t since_ns; ///< UTC
    std::uint64_t count;   ///< times raised since it was last clear
};

class AlarmBoard {
public:
    /// True when the alarm was not raised before: the caller logs then, and only then.
    bool raise(std::string const& name, std::string const& message, std::int64_t utc_ns) {
        std::lock_guard lock(mutex_);
        auto const [it, fresh] = alarms_.try_emplace(name, Alarm{name, message, utc_ns, 0});
        it->second.message = message;
        ++it->second.count;
        return fresh;
    }
    void clear(std::string const& name) {
        std::lock_guard lock(mutex_);
        alarms_.erase(name);
    }
    std::vector<Alarm> current() const {
        std::lock_guard lock(mutex_);
        std::vector<Alarm> out;
        for (auto const& [name, alarm] : alarms_) out.push_back(alarm);
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Alarm> alarms_;
};

} // namespace sqd
