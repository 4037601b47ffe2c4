#include "daemon/security/proof.hpp"

#include "daemon/run/peer_watch.hpp"
#include "daemon/run/zmq_interrupted.hpp"
#include "daemon/security/curve_socket.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/stream/uuid.hpp"

#include <zmq.hpp>

#include <array>
#include <string>

namespace sqd {

void prove_refusal(zmq::context_t& context, SecretKey const& server, std::chrono::milliseconds patience) {
    auto const fail = [](char const* what) {
        throw ConfigError(std::string("security: ") + what + " (clients without a listed key would come in) the service does not start");
    };
    std::string const door = "ipc://@sqd-proof-" + new_uuid(); // no file, no port; a domain of its own, so that no counter counts it
    zmq::socket_t inside(context, zmq::socket_type::dealer), outside(context, zmq::socket_type::dealer);
    inside.set(zmq::sockopt::linger, 0);
    outside.set(zmq::sockopt::linger, 0);
    guard(inside, server, "proof");
    present(outside, new_key_pair(), public_key_of(server));
    PeerWatch watch(context, inside);
    inside.bind(door);
    outside.connect(door);
    outside.send(zmq::str_buffer("knock"), zmq::send_flags::dontwait);
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (watch.refused() == 0) {
        std::array<zmq::pollitem_t, 2> items{{{inside.handle(), 0, ZMQ_POLLIN, 0}, {watch.handle(), 0, ZMQ_POLLIN, 0}}};
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) fail("the question for keys is not answered");
        poll_sockets(items, left);
        if ((items[0].revents & ZMQ_POLLIN) != 0) fail("a key that nobody listed was let in");
        watch.read();
    }
}

} // namespace sqd
