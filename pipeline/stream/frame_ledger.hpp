// The books of a series: which frame numbers came, which did not, and what became of them.
#pragma once

#include "pipeline/core/results.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sqd {

/// Numbers above this are refused, so that a wild one cannot take the memory.
inline constexpr std::uint64_t max_frame_number = 16'000'000;

/// The books as plain values: all else in them follows from these.
struct LedgerEntries {
    std::vector<bool> came; ///< by number; shorter than the series: the rest has not come
    std::uint64_t duplicates = 0, accepted = 0;
    std::vector<RejectedFrame> rejections;
};

class FrameLedger {
public:
    FrameLedger() = default;
    /// Goes on from what another one had. Throws DataError where these cannot be the books of any series.
    explicit FrameLedger(LedgerEntries entries);

    enum class Entry { fresh, duplicate, out_of_range };

    /// Notes that frame `number` came.
    Entry enter(std::uint64_t number);
    /// All numbers so far, from `first` on, are `by` higher: an earlier one than the first turned up. The highest stays below
    /// max_frame_number.
    void shift(std::uint64_t first, std::uint64_t by);
    /// What became of a fresh one.
    void accepted() { ++accepted_; }
    void rejected(std::uint64_t number, std::string const& reason);

    /// An accepted one is in no sums any more.
    void taken_back(std::uint64_t number, std::string const& reason);

    LedgerEntries entries() const { return {came_, duplicates_, accepted_, rejections_}; }
    /// Whether frame `number` came.
    bool came(std::uint64_t number) const { return number < came_.size() && came_[number]; }
    std::uint64_t seen() const { return seen_; }
    /// Highest number seen plus one.
    std::uint64_t span() const { return highest_plus_one_; }
    /// Whether each number came, up to the highest that did.
    std::vector<bool> const& came() const { return came_; }
    std::vector<RejectedFrame> const& rejections() const { return rejections_; }

    /// The account while `expected` frames are awaited. Running: gaps below the highest number are missing, the rest is pending.
    /// Ended: everything that did not come is missing. More frames than expected raise `expected`.
    FrameAccounting account(std::uint64_t expected, bool ended) const;

private:
    std::vector<bool> came_;
    std::uint64_t seen_ = 0, duplicates_ = 0, accepted_ = 0, highest_plus_one_ = 0;
    std::map<std::string, std::uint64_t> rejected_by_;
    std::vector<RejectedFrame> rejections_;
};

} // namespace sqd
