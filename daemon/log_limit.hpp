// How often a line may be logged that others cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sqd {

/// At most `most` lines in `period_s`; the first line of the next period tells how many were left out. One thread calls it.
class LogLimit {
public:
    explicit LogLimit(unsigned most = 10, double period_s = 60) : most_(most), period_s_(period_s) {}

    /// nullopt: not now. Else it may be logged, with the number of lines that were left out before it. `now_s` is monotonic time.
    std::optional<std::uint64_t> due(double now_s) {
        if (!begun_s_ || now_s - *begun_s_ >= period_s_) {
            begun_s_ = now_s;
            lines_ = 0;
        }
        if (lines_ == most_) {
            ++left_out_;
            return std::nullopt;
        }
        ++lines_;
        std::uint64_t const before = left_out_;
        left_out_ = 0;
        return before;
    }

private:
    unsigned most_;
    double period_s_;
    std::optional<double> begun_s_;
    unsigned lines_ = 0;
    std::uint64_t left_out_ = 0;
};

/// What stands behind a line, for the others.
inline std::string left_out_words(std::uint64_t lines) {
    return lines == 0 ? "" : " (and " + std::to_string(lines) + " more before)";
}

} // namespace sqd
