// Asks a running daemon something.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/security/client_keys.hpp"

#include <zmq.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// The JSON of a reply, and the further parts of a snapshot's.
struct ControlAnswer {
    Json json;
    std::vector<std::string> parts;
};

/// One request (`{"command":...}` and its keys), one reply; nullopt when none came in time or it was no JSON. Throws IoError for an
/// endpoint that is none, AccessRefused where the service does not let this client in.
std::optional<ControlAnswer> ask_control(zmq::context_t& context, std::string const& endpoint, std::optional<ClientKeys> const& keys,
                                         Json request, std::chrono::milliseconds patience);

/// A whole multipart message.
std::vector<std::string> receive_parts(zmq::socket_t& socket);

/// Connects; throws IoError `endpoint: problem (why) suggestion`.
void connect_to(zmq::socket_t& socket, std::string const& endpoint);

/// The service is not there; after sysexits.h EX_UNAVAILABLE.
inline constexpr int exit_unavailable = 69;

inline constexpr char const* default_results_endpoint = "tcp://127.0.0.1:5560";
inline constexpr char const* default_control_endpoint = "tcp://127.0.0.1:5561";

} // namespace sqd
