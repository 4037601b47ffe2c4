#include "daemon/simulate/announcer.hpp"

#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>
#include <zmq.hpp>

#include <cstdint>

namespace sqd::simulated {

void announce(std::string const& endpoint, std::string const& announcement) {
    constexpr int patience_ms = 5000;
    zmq::context_t context{1};
    zmq::socket_t socket(context, zmq::socket_type::req);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, std::int64_t{1} << 20);
    socket.set(zmq::sockopt::rcvtimeo, patience_ms);
    nlohmann::json request = {{"id", 1}, {"command", "announce"}};
    request.update(nlohmann::json::parse(announcement));
    zmq::message_t reply;
    try {
        socket.connect(endpoint);
        socket.send(zmq::buffer(request.dump()), zmq::send_flags::none);
        if (!socket.recv(reply))
            throw IoError("no answer from " + endpoint + " (is a daemon's control there?) start it or leave out --announce", true);
    } catch (zmq::error_t const& error) {
        throw IoError("cannot announce to " + endpoint + " (" + error.what() + ") check the endpoint", true);
    }
    auto const answer = nlohmann::json::parse(reply.to_string(), nullptr, false);
    if (answer.is_discarded() || !answer.is_object() || !answer.value("ok", false))
        throw DataError("the announcement was refused (" + reply.to_string() + ") see the daemon's log");
}

} // namespace sqd::simulated
