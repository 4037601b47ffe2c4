#include "daemon/security/client_keys.hpp"

#include "daemon/security/curve_socket.hpp"
#include "daemon/security/key_files.hpp"
#include "pipeline/core/errors.hpp"

#include <CLI/CLI.hpp>

namespace sqd {

void add_key_options(CLI::App& verb, KeyArguments& arguments) {
    verb.add_option("--key", arguments.key, "file with your secret key (sqd keygen), where the service asks for one")->envname("SQD_KEY");
    verb.add_option("--server-key", arguments.server_key, "public key of the service, or the .pub file that holds it")
        ->envname("SQD_SERVER_KEY");
}

std::optional<ClientKeys> read_client_keys(KeyArguments const& arguments) {
    if (arguments.key.empty() && arguments.server_key.empty()) return std::nullopt;
    if (arguments.key.empty())
        throw ConfigError("--server-key without --key (a service that has a key asks for one) give the file of your secret key");
    if (arguments.server_key.empty())
        throw ConfigError("--key without --server-key (nothing would tell the service from another) give the service's .pub file");
    SecretKey const secret = read_secret_key(arguments.key);
    return ClientKeys{{public_key_of(secret), secret}, read_public_key(arguments.server_key)};
}

void show_keys(zmq::socket_t& socket, std::optional<ClientKeys> const& keys) {
    if (keys) present(socket, keys->own, keys->service);
}

} // namespace sqd
