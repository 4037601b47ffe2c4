// A series message by message: which are sent, in which order, how damaged.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sqd::simulated {

/// What is done to a message on its way.
enum class Harm {
    none,
    corrupt, ///< the middle half of its largest part is all ones
    stray,   ///< its parts without the first, or the second half of its only one: the rest of a message that was torn
    crowded, ///< twenty parts too many
    torn,    ///< the connection dies in the middle of it: for whoever owns the connection
};

/// One message of a series: its start, one of its frames, its end.
struct Sending {
    enum class What { start, frame, end } what = What::frame;
    std::uint64_t frame = 0; ///< of a frame: its place in the series
    Harm harm = Harm::none;
    bool operator==(Sending const&) const = default;
};
using Schedule = std::vector<Sending>;

/// As a detector in good order sends it: start, every frame once, end.
Schedule orderly(std::uint64_t frames);

/// The message as it is sent.
Message harmed(Message message, Harm harm);
/// As text and truth call it; "none" for none.
char const* name(Harm harm);
/// For people: "start 0-3 3 5-9 end", a damaged message with its harm: "4(corrupt)".
std::string text_of(Schedule const& schedule);

} // namespace sqd::simulated
