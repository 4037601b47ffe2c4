// What `sqd status` and `sqd watch` show to a service that asks for keys.
#pragma once

#include "daemon/security/curve_keys.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace zmq {
class socket_t;
}

namespace sqd {

/// As given: --key and --server-key, or SQD_KEY and SQD_SERVER_KEY of the environment. Empty: none.
struct KeyArguments {
    std::string key;        ///< file of the client's secret key
    std::string server_key; ///< public key of the service, or a file that holds it
};

/// Adds both options to a verb.
void add_key_options(CLI::App& verb, KeyArguments& arguments);

struct ClientKeys {
    KeyPair own;
    PublicKey service;
};

/// nullopt where none are given. Throws ConfigError for one without the other, and for what read_secret_key and read_public_key refuse.
std::optional<ClientKeys> read_client_keys(KeyArguments const& arguments);

/// Before the socket connects.
void show_keys(zmq::socket_t& socket, std::optional<ClientKeys> const& keys);

} // namespace sqd
