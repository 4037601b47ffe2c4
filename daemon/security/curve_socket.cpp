#include "daemon/security/curve_socket.hpp"

#include <zmq.hpp>

namespace sqd {
namespace {

template <class Option>
void set_key(zmq::socket_t& socket, Option option, KeyBytes const& bytes) {
    socket.set(option, zmq::buffer(bytes));
}

} // namespace

void guard(zmq::socket_t& socket, SecretKey const& server, std::string const& domain) {
    socket.set(zmq::sockopt::curve_server, true);
    set_key(socket, zmq::sockopt::curve_secretkey, server.bytes);
    socket.set(zmq::sockopt::zap_domain, domain);
}

void present(zmq::socket_t& socket, KeyPair const& own, PublicKey const& server) {
    set_key(socket, zmq::sockopt::curve_serverkey, server.bytes);
    set_key(socket, zmq::sockopt::curve_publickey, own.public_key.bytes);
    set_key(socket, zmq::sockopt::curve_secretkey, own.secret_key.bytes);
}

} // namespace sqd
