// What to do about a message that was not understood.
#pragma once

#include "detectors/decoder.hpp"

#include <string>
#include <vector>

namespace sqd {

/// " (why) suggestion" for a message that the protocol `kind` does not understand: whether its first part looks like another protocol's.
std::string hint_of(std::vector<MessagePart> const& parts, std::string const& kind);

} // namespace sqd
