// How old the events are that come out of a queue, without a time beside each.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sqd {

/// Marks one event at a time and measures how long it stays. One thread calls it, some 50 times a second.
class LagWatch {
public:
    /// `pushed` and `popped` are the queue's counts since its start. Returns seconds: of the mark that went through last, or of the one
    /// that is still inside if that is longer. While the lag grows the truth is up to twice that; a clock of wall time has no part.
    double operator()(std::uint64_t pushed, std::uint64_t popped, double now_s) {
        if (popped >= mark_) {
            if (marked_) last_s_ = now_s - since_s_;
            marked_ = pushed > popped;
            mark_ = pushed;
            since_s_ = now_s;
            if (!marked_) last_s_ = 0;
        }
        return marked_ ? std::max(last_s_, now_s - since_s_) : last_s_;
    }

private:
    std::uint64_t mark_ = 0;
    bool marked_ = false; ///< an event is inside whose way is measured
    double since_s_ = 0, last_s_ = 0;
};

} // namespace sqd
