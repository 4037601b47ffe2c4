// What may be done so often, and more at once when nothing was done for a while.
#pragma once

#include <algorithm>

namespace sqd {

/// So many tokens at most, so many new ones per second. One thread uses it. When time [s] goes back, no token comes or goes.
class TokenBucket {
public:
    /// Full at first.
    TokenBucket(double most, double per_s, double now_s) : most_(most), per_s_(per_s), left_(most), since_s_(now_s) {}

    /// Tokens there are now; less than none where more was taken than there was.
    double left(double now_s) {
        left_ = std::min(most_, left_ + std::max(0.0, now_s - since_s_) * per_s_);
        since_s_ = now_s;
        return left_;
    }
    void take(double tokens) { left_ -= tokens; }
    /// Seconds from the last look until there are so many.
    double seconds_until(double tokens) const { return std::max(0.0, tokens - left_) / per_s_; }

private:
    double most_, per_s_, left_, since_s_;
};

} // namespace sqd
