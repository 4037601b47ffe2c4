// Plays the control system: tells a daemon what the next series is.
#pragma once

#include "daemon/security/client_keys.hpp"

#include <optional>
#include <string>

namespace sqd::simulated {

/// Sends {"command":"announce", ...keys of `announcement`} to the control endpoint and waits up to 5 s for the answer; `keys` where the
/// daemon asks for them. Throws IoError when none comes, AccessRefused where these keys are not let in, DataError when the daemon refuses.
void announce(std::string const& endpoint, std::optional<ClientKeys> const& keys, std::string const& announcement);

} // namespace sqd::simulated
