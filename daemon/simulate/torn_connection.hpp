// A peer that dies in the middle of a message. ZeroMQ sends whole messages or nothing, so its bytes are written by hand.
#pragma once

#include "detectors/simulated/message.hpp"

#include <chrono>
#include <string>

namespace sqd::simulated {

/// Which end of a TCP connection is played, and as which ZeroMQ socket: "PUSH", "PUB".
struct TornPeer {
    std::string endpoint; ///< tcp://127.0.0.1:PORT
    bool connects = false;
    std::string socket_type;
};

/// Greets the other side as ZMTP 3.0 without security, sends the first half of the message's parts (of a single part: half of its bytes),
/// and is gone. The port is free again afterwards. Throws IoError when nobody comes within `patience`.
void send_torn(TornPeer const& peer, Message const& message, std::chrono::milliseconds patience);

} // namespace sqd::simulated
