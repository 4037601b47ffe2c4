// How fast control is answered: who asks without end takes no core from the frames.
#pragma once

#include "daemon/token_bucket.hpp"

#include <algorithm>

namespace sqd {

/// Of all control clients together; those who ask for more wait, and take turns (ROUTER is fair). Bounded apart: small requests, of which
/// the waking and looking around is most, and what answers take, so that whoever fetches all finals that are kept need not wait for them.
class AnswerPace {
public:
    static constexpr double requests_at_once = 5000, requests_per_s = 500;
    static constexpr double core_at_once_s = 4, core_share = 0.25; ///< processor time

    explicit AnswerPace(double now_s) : requests_(requests_at_once, requests_per_s, now_s), core_(core_at_once_s, core_share, now_s) {}

    /// Seconds until the next request may be answered; 0 = now.
    double wait_s(double now_s) {
        requests_.left(now_s);
        core_.left(now_s);
        return std::max(requests_.seconds_until(1), core_.seconds_until(0));
    }
    void answered(double processor_s) {
        requests_.take(1);
        core_.take(processor_s);
    }

private:
    TokenBucket requests_, core_;
};

} // namespace sqd
