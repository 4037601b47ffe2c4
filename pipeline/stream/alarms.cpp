#include "pipeline/stream/alarms.hpp"

namespace sqd {

bool AlarmBoard::raise(std::string const& name, std::string const& message, std::int64_t utc_ns) {
    std::lock_guard lock(mutex_);
    bool const room = alarms_.size() < most_alarms || alarms_.contains(name);
    std::string const& listed = room ? name : "other";
    auto const [it, fresh] = alarms_.try_emplace(listed, Alarm{listed, "", utc_ns, 0});
    Alarm& alarm = it->second;
    bool const is_news = fresh || !alarm.active;
    alarm.message = message.substr(0, longest_message);
    alarm.active = true;
    ++alarm.count;
    return is_news;
}

void AlarmBoard::clear(std::string const& name) {
    std::lock_guard lock(mutex_);
    auto const it = alarms_.find(name);
    if (it == alarms_.end()) return;
    it->second.active = false;
    if (it->second.acknowledged) alarms_.erase(it);
}

bool AlarmBoard::acknowledge(std::string const& name) {
    std::lock_guard lock(mutex_);
    auto const it = alarms_.find(name);
    if (it == alarms_.end()) return false;
    it->second.acknowledged = true;
    if (!it->second.active) alarms_.erase(it);
    return true;
}

std::vector<Alarm> AlarmBoard::current() const {
    std::lock_guard lock(mutex_);
    std::vector<Alarm> out;
    for (auto const& [name, alarm] : alarms_) out.push_back(alarm);
    return out;
}

} // namespace sqd
