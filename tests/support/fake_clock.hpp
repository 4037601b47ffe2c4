// A clock whose hands the test turns.
#pragma once

#include "pipeline/stream/clock.hpp"

#include <cstdint>

namespace sqd::test {

class FakeClock final : public Clock {
public:
    double steady_s() const override { return seconds_; }
    std::int64_t utc_ns() const override { return 1'700'000'000'000'000'000 + static_cast<std::int64_t>(seconds_ * 1e9); }
    void advance(double seconds) { seconds_ += seconds; }

private:
    double seconds_ = 1000;
};

} // namespace sqd::test
