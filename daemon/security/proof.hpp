// Whether the door is shut, found out by knocking.
#pragma once

#include "daemon/security/curve_keys.hpp"

#include <chrono>

namespace zmq {
class context_t;
}

namespace sqd {

/// Knocks, with a key that was made on the spot, at a socket that is guarded as those of the service are, in the same context. Throws
/// ConfigError unless the key is refused within `patience`: libzmq lets any key in where nobody answers its question.
void prove_refusal(zmq::context_t& context, SecretKey const& server, std::chrono::milliseconds patience = std::chrono::seconds(5));

} // namespace sqd
