// Who sent a command.
#pragma once

#include "daemon/security/client_list.hpp"

#include <string>

namespace sqd {

/// By default somebody at a service without keys, whom loopback has let in.
struct Asker {
    std::string name = "anybody";
    Rights rights = Rights::control; ///< none: who was let in is no longer listed
};

} // namespace sqd
