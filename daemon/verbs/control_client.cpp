// A REQ socket for one question.
#include "daemon/verbs/control_client.hpp"

#include "daemon/security/refusal_watch.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sqd {

void connect_to(zmq::socket_t& socket, std::string const& endpoint) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, std::int64_t{256} << 20); // one part: more than any curve or cake
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

namespace {

bool wait_for_answer(zmq::socket_t& socket, RefusalWatch& watch, std::chrono::milliseconds patience) {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        std::array<zmq::pollitem_t, 2> items{{{socket.handle(), 0, ZMQ_POLLIN, 0}, {watch.handle(), 0, ZMQ_POLLIN, 0}}};
        zmq::poll(items, std::max(left, std::chrono::milliseconds(0)));
        if ((items[0].revents & ZMQ_POLLIN) != 0) return true;
        watch.check();
        if (left.count() <= 0) break;
    }
    watch.check_at_last();
    return false;
}

} // namespace

std::optional<ControlAnswer> ask_control(zmq::context_t& context, std::string const& endpoint, std::optional<ClientKeys> const& keys,
                                         Json request, std::chrono::milliseconds patience) {
    request["id"] = 1;
    zmq::socket_t socket(context, zmq::socket_type::req);
    show_keys(socket, keys);
    RefusalWatch watch(context, socket, endpoint, keys.has_value());
    connect_to(socket, endpoint);
    socket.send(zmq::buffer(to_text(request)), zmq::send_flags::none);
    if (!wait_for_answer(socket, watch, patience)) return std::nullopt;
    std::vector<std::string> parts = receive_parts(socket);
    if (parts.empty()) return std::nullopt;
    Json json = Json::parse(parts.front(), nullptr, false);
    if (!json.is_object()) return std::nullopt;
    parts.erase(parts.begin());
    return ControlAnswer{std::move(json), std::move(parts)};
}

} // namespace sqd
