// CURVE on a socket; before it binds or connects.
#pragma once

#include "daemon/security/curve_keys.hpp"

#include <string>

namespace zmq {
class socket_t;
}

namespace sqd {

/// Only clients that know the public key of `server` and are let in by the handler of `domain` get further than a greeting.
void guard(zmq::socket_t& socket, SecretKey const& server, std::string const& domain);

/// The client's side: shows `own`, and speaks only with the owner of `server`.
void present(zmq::socket_t& socket, KeyPair const& own, PublicKey const& server);

} // namespace sqd
