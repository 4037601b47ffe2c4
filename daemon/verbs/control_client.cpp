// A REQ socket for one question.
#include "daemon/verbs/control_client.hpp"

#include "pipeline/core/errors.hpp"

#include <array>

namespace sqd {

void connect_to(zmq::socket_t& socket, std::string const& endpoint) {
    socket.set(zmq::sockopt::linger, 0);
    try {
        socket.connect(endpoint);
    } catch (zmq::error_t const& error) {
        throw IoError(endpoint + ": cannot be connected to (" + error.what() + ") write it as tcp://host:port", false);
    }
}

std::vector<std::string> receive_parts(zmq::socket_t& socket) {
    std::vector<std::string> out;
    zmq::message_t part;
    do {
        if (!socket.recv(part)) break;
        out.push_back(part.to_string());
    } while (part.more());
    return out;
}

std::optional<ControlAnswer> ask_control(zmq::context_t& context, std::string const& endpoint, Json request,
                                         std::chrono::milliseconds patience) {
    request["id"] = 1;
    zmq::socket_t socket(context, zmq::socket_type::req);
    connect_to(socket, endpoint);
    socket.send(zmq::buffer(to_text(request)), zmq::send_flags::none);
    std::array<zmq::pollitem_t, 1> items{{{socket.handle(), 0, ZMQ_POLLIN, 0}}};
    zmq::poll(items, patience);
    if ((items[0].revents & ZMQ_POLLIN) == 0) return std::nullopt;
    std::vector<std::string> parts = receive_parts(socket);
    if (parts.empty()) return std::nullopt;
    Json json = Json::parse(parts.front(), nullptr, false);
    if (!json.is_object()) return std::nullopt;
    parts.erase(parts.begin());
    return ControlAnswer{std::move(json), std::move(parts)};
}

} // namespace sqd
