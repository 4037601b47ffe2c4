// When memory that a full queue took goes back to the machine. malloc keeps what was freed: after overload that is gigabytes that
// nobody uses until the next one.
#pragma once

#include <algorithm>
#include <cstddef>

namespace sqd {

/// One thread asks it, a few times a second.
class MemoryReturn {
public:
    static constexpr std::size_t worth_it = std::size_t{128} << 20; ///< less than that was waiting: nothing goes back
    static constexpr double at_most_every_s = 60;                   ///< what went back costs page faults when it is needed again

    /// `waiting`: bytes in the queues now; `reducing`: a final is. True when there was much of it, and little is left.
    bool due(std::size_t waiting, bool reducing, double now_s) {
        most_ = std::max(most_, waiting);
        if (reducing || most_ < worth_it || waiting > most_ / 8 || now_s < next_s_) return false;
        most_ = waiting;
        next_s_ = now_s + at_most_every_s;
        return true;
    }

private:
    std::size_t most_ = 0; ///< that waited since
    double next_s_ = 0;
};

} // namespace sqd
