// How many lines of a kind may be logged: so that nobody who sends nonsense can fill a disk with what is said of it.
#pragma once

#include "daemon/token_bucket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sqd {

/// What may be written of a kind, and what was not.
struct LineBucket {
    TokenBucket lines;
    std::uint64_t left_out = 0;
};

struct LogRates {
    double burst = 20, per_s = 1;           ///< of one kind
    double all_burst = 200, all_per_s = 10; ///< of all together
    std::size_t kinds = 256;                ///< that are told apart; when there are more, all kinds begin again
};

/// What is said of lines that were left out.
struct LeftOut {
    std::string kind;
    std::uint64_t lines;
};

/// A kind is what lines have in common that differ in their numbers and quoted names alone. Not thread-safe. Time [s] must not go back by
/// itself; when it does, buckets are as they were.
class LogAllowance {
public:
    explicit LogAllowance(LogRates rates = {}) : rates_(rates), all_(rates.all_burst, rates.all_per_s, 0) {}

    /// True when this line may be written. A refused one is counted.
    bool take(std::string_view line, double now_s);
    /// Kinds that may be written again, with what was left out of them since they last were told; to be written before the next line.
    std::vector<LeftOut> take_left_out(double now_s);
    /// All that was not told yet: at the end.
    std::vector<LeftOut> take_rest();

    /// "series 5 ended ('end'): 17 received" -> "series # ended ('...'): # received", at most 80 bytes.
    static std::string kind_of(std::string_view line);

private:
    LogRates rates_;
    TokenBucket all_;
    std::unordered_map<std::string, LineBucket> kinds_;
    std::uint64_t forgotten_ = 0; ///< left out of kinds that began again
};

} // namespace sqd
