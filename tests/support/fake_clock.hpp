// A clock whose hands the test turns.
#pragma once

#include "pipeline/stream/clock.hpp"

#include <atomic>
#include <cstdint>

namespace sqd::test {

/// From any thread.
class FakeClock final : public Clock {
public:
    double steady_s() const override { return seconds_; }
    std::int64_t utc_ns() const override { return 1'700'000'000'000'000'000 + static_cast<std::int64_t>((seconds_ + set_by_) * 1e9); }
    void advance(double seconds) { seconds_ += seconds; }
    /// Somebody sets the time of day; steady time knows nothing of it.
    void set_by(double seconds) { set_by_ += seconds; }

private:
    std::atomic<double> seconds_ = 1000, set_by_ = 0;
};

} // namespace sqd::test
