// Tells frames that another client took from frames that were lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// How often a frame is missing, or comes, where that is regular.
struct RegularGaps {
    std::uint64_t period; ///< of every so many frames ...
    std::uint64_t come;   ///< ... so many come: 1, or all but one
    bool operator==(RegularGaps const&) const = default;
};

/// A PUSH socket deals its messages out in turn: with a second client every second frame is missing, with two more two of three. nullopt
/// where fewer than 8 frames are missing, or nine in ten of the distances between those that came, or between those that did not, are not
/// the same. Reads `came` from `first` up to the last frame that came.
std::optional<RegularGaps> regular_gaps(std::vector<bool> const& came, std::uint64_t first);

/// The alarm's sentence.
std::string words(RegularGaps const& gaps, std::uint64_t series_id);

} // namespace sqd
