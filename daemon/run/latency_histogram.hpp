// How long results were under way, counted in classes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sqd {

/// Counts of one kind of result. Written by one thread, read by any; a reader may see a result in the classes before it sees it in the sum.
class LatencyHistogram {
public:
    /// Upper ends of the classes [s]; one more class has no end.
    static constexpr std::array bounds_s{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};
    using Counts = std::array<std::uint64_t, bounds_s.size() + 1>;

    /// Negative ones, of a clock that was set back, count as 0.
    void add(double seconds) {
        double const s = seconds > 0 ? seconds : 0;
        std::size_t i = 0;
        while (i < bounds_s.size() && s > bounds_s[i]) ++i;
        ++counts_[i];
        sum_us_ += static_cast<std::uint64_t>(s < longest_s ? s * 1e6 : longest_s * 1e6);
    }
    /// Of each class alone.
    Counts counts() const {
        Counts out{};
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = counts_[i];
        return out;
    }
    double sum_s() const { return static_cast<double>(sum_us_) * 1e-6; }

private:
    static constexpr double longest_s = 1e6;
    std::array<std::atomic<std::uint64_t>, bounds_s.size() + 1> counts_{};
    std::atomic<std::uint64_t> sum_us_{0};
};

} // namespace sqd
