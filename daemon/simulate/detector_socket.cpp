#include "daemon/simulate/detector_socket.hpp"

#include "daemon/simulate/torn_connection.hpp"
#include "pipeline/core/errors.hpp"

#include <zmq.hpp>

#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

namespace sqd::simulated {

namespace {

using std::chrono::milliseconds;

constexpr int queue_messages = 256, linger_ms = 30'000;
constexpr auto thief_door = "inproc://second_client";
constexpr auto tear_patience = milliseconds(30'000);

/// The part for ZeroMQ's queue: its bytes themselves, which ZeroMQ gives back once they have left.
zmq::message_t queued(SharedPart const& part) {
    auto owner = std::make_unique<SharedPart>(part);
    auto* const bytes = const_cast<std::byte*>(part->data()); // ZeroMQ only reads what it sends
    zmq::message_t message(
        bytes, part->size(), [](void*, void* hint) { delete static_cast<SharedPart*>(hint); }, owner.get());
    owner.release();
    return message;
}

} // namespace

struct DetectorSocket::Socket {
    zmq::context_t context{1};
    zmq::socket_t socket;
    std::optional<zmq::socket_t> thief; ///< in this process, so that what it has taken is known at once
    bool publish;
    bool subscribed = false;

    explicit Socket(DetectorEndpoint const& endpoint)
        : socket(context, endpoint.publish ? zmq::socket_type::xpub : zmq::socket_type::push), publish(endpoint.publish) {
        socket.set(zmq::sockopt::sndhwm, queue_messages);
        socket.set(zmq::sockopt::linger, linger_ms);
        socket.set(zmq::sockopt::maxmsgsize, std::int64_t{4096}); // clients send nothing but subscriptions
        if (publish) socket.set(zmq::sockopt::xpub_nodrop, true); // a full queue refuses aloud
        if (endpoint.connects) {
            socket.set(zmq::sockopt::immediate, true); // nothing is queued for a client that is not there
            socket.connect(endpoint.where);
        } else {
            socket.bind(endpoint.where);
        }
    }

    bool poll(short events, milliseconds time) {
        zmq::pollitem_t item{socket.handle(), 0, events, 0};
        return zmq::poll(&item, 1, time) > 0;
    }

    /// XPUB reports subscriptions as messages: 1 = begins, 0 = ends, then the topic.
    void read_subscriptions() {
        for (zmq::message_t message; socket.recv(message, zmq::recv_flags::dontwait);)
            if (message.size() > 0) subscribed = *message.data<unsigned char>() == 1;
    }

    bool thief_took_it() {
        bool taken = false;
        for (zmq::message_t part; thief && thief->recv(part, zmq::recv_flags::dontwait);) taken = true;
        return taken;
    }
};

DetectorSocket::DetectorSocket(DetectorEndpoint endpoint) : endpoint_(std::move(endpoint)) {
    try {
        socket_ = std::make_unique<Socket>(endpoint_);
    } catch (zmq::error_t const& error) {
        throw IoError("cannot " + std::string(endpoint_.connects ? "connect to " : "bind ") + endpoint_.where + " (" + error.what() +
                          ") choose a free port, or port 0",
                      true);
    }
    endpoint_.where = socket_->socket.get(zmq::sockopt::last_endpoint);
}
DetectorSocket::~DetectorSocket() = default;
DetectorSocket::DetectorSocket(DetectorSocket&&) noexcept = default;
DetectorSocket& DetectorSocket::operator=(DetectorSocket&&) noexcept = default;

bool DetectorSocket::wait_for_client(milliseconds time) {
    if (!socket_->publish) return socket_->poll(ZMQ_POLLOUT, time);
    if (!socket_->subscribed && socket_->poll(ZMQ_POLLIN, time)) socket_->read_subscriptions();
    return socket_->subscribed;
}

bool DetectorSocket::wait_for_room(milliseconds time) {
    if (!wait_for_client(time)) return false;
    if (!socket_->publish) return true;
    std::this_thread::sleep_for(milliseconds(1)); // XPUB says "writable" even when its one subscriber's queue is full
    return true;
}

Delivery DetectorSocket::try_send(SharedMessage const& message) {
    if (!wait_for_client(milliseconds(0))) return Delivery::refused;
    auto& socket = socket_->socket;
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto const flags = zmq::send_flags::dontwait | (i + 1 < message.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        if (!socket.send(queued(message[i]), flags)) return Delivery::refused; // only the first part can be
    }
    return socket_->thief_took_it() ? Delivery::stolen : Delivery::sent;
}

void DetectorSocket::let_thief_in() {
    if (socket_->publish)
        throw DataError("fault 'thief' is not possible (a PUB socket gives every message to every client) use socket: pull");
    socket_->socket.bind(thief_door);
    auto& thief = socket_->thief.emplace(socket_->context, zmq::socket_type::pull);
    thief.connect(thief_door);
    socket_->poll(ZMQ_POLLOUT, milliseconds(0)); // it is known to the socket now
}

void DetectorSocket::chase_thief_out() {
    if (!socket_->thief) return;
    socket_->thief->disconnect(thief_door);
    socket_->socket.unbind(thief_door);
    socket_->thief.reset();
}

void DetectorSocket::tear(SharedMessage const& message) {
    socket_.reset(); // waits until all that was queued has left
    send_torn({endpoint_.where, endpoint_.connects, endpoint_.publish ? "PUB" : "PUSH"}, copied(message), tear_patience);
    *this = DetectorSocket(endpoint_);
    if (!wait_for_client(tear_patience))
        throw IoError("no client came back to " + endpoint_.where + " (its connection was torn) is it still running?", true);
}

} // namespace sqd::simulated
