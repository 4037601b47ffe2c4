// The latest message of every topic, for those who look on.
#pragma once

#include "daemon/publish/sent_messages.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace sqd {

/// One slot per topic, never a queue: what nobody took in time is replaced. Put by the service's thread, taken by the web's; neither
/// waits longer than it takes to copy some pointers.
class LatestBoard {
public:
    struct Slot {
        std::uint64_t turn = 0; ///< grows with every message of any topic
        SentPtr message;
    };

    void put(SentPtr message) {
        SentPtr replaced; // let go of outside the lock
        std::lock_guard const lock(mutex_);
        Slot& slot = slots_[message->topic];
        replaced = std::exchange(slot.message, std::move(message));
        slot.turn = ++turn_;
    }
    /// Slots that changed after that turn.
    std::map<std::string, Slot> after(std::uint64_t turn) const {
        std::map<std::string, Slot> out;
        std::lock_guard const lock(mutex_);
        if (turn_ == turn) return out;
        for (auto const& [topic, slot] : slots_)
            if (slot.turn > turn) out.emplace(topic, slot);
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Slot> slots_;
    std::uint64_t turn_ = 0;
};

} // namespace sqd
