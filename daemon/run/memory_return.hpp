// When memory that was freed goes back to the machine. malloc keeps it: gigabytes after overload, and from scan to scan the gaps between
// counts of frames that are still needed, more with each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sqd {

/// One thread asks it, a few times a second.
class MemoryReturn {
public:
    static constexpr std::size_t much = std::size_t{128} << 20; ///< bytes in the queues
    static constexpr double at_most_every_s = 60;               ///< what went back costs page faults when it is needed again

    /// `waiting`: bytes in the queues now; `reducing`: a final is; `series`: so many have ended. True when one has since, or much waited,
    /// and little is left.
    bool due(std::size_t waiting, bool reducing, std::uint64_t series, double now_s) {
        most_ = std::max(most_, waiting);
        bool const worth_it = most_ >= much || series != series_;
        if (reducing || !worth_it || waiting > std::max(most_, much) / 8 || now_s < next_s_) return false;
        most_ = waiting;
        series_ = series;
        next_s_ = now_s + at_most_every_s;
        return true;
    }

private:
    std::size_t most_ = 0; ///< that waited since
    std::uint64_t series_ = 0;
    double next_s_ = 0;
};

} // namespace sqd
