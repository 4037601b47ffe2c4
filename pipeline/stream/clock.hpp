// Time as the stream sees it, so that tests can turn the hands.
#pragma once

#include <chrono>
#include <cstdint>

namespace sqd {

class Clock {
public:
    virtual ~Clock() = default;
    /// Monotonic time [s]; only differences mean something.
    virtual double steady_s() const = 0;
    /// UTC, ns since 1970.
    virtual std::int64_t utc_ns() const = 0;
};

class SystemClock final : public Clock {
public:
    double steady_s() const override { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
    std::int64_t utc_ns() const override {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
};

} // namespace sqd
