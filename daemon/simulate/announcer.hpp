// Plays the control system: tells a daemon what the next series is.
#pragma once

#include <string>

namespace sqd::simulated {

/// Sends {"id":1,"command":"announce", ...keys of `announcement`} to the control endpoint and waits up to 5 s for the answer.
/// Throws IoError when none comes, DataError when the daemon refuses.
void announce(std::string const& endpoint, std::string const& announcement);

} // namespace sqd::simulated
