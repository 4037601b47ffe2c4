#include "daemon/simulate/player.hpp"

#include "daemon/simulate/frame_ring.hpp"
#include "pipeline/core/errors.hpp"

#include <zmq.hpp>

#include <thread>

namespace sqd::simulated {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int queue_messages = 256, linger_ms = 30'000;
constexpr unsigned prepare_workers = 2;
constexpr std::size_t prepared_frames = 16;
constexpr auto control_patience = milliseconds(1000); ///< for start and end messages
constexpr auto retry_slice = milliseconds(20);

} // namespace

struct DetectorSocket::Socket {
    zmq::context_t context{1};
    zmq::socket_t socket;
    bool publish;
    bool subscribed = false;

    explicit Socket(bool publish_) : socket(context, publish_ ? zmq::socket_type::xpub : zmq::socket_type::push), publish(publish_) {
        socket.set(zmq::sockopt::sndhwm, queue_messages);
        socket.set(zmq::sockopt::linger, linger_ms);
        if (publish) socket.set(zmq::sockopt::xpub_nodrop, true); // a full queue refuses aloud
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
};

DetectorSocket::DetectorSocket(std::string const& endpoint, bool publish) : socket_(std::make_unique<Socket>(publish)) {
    try {
        socket_->socket.bind(endpoint);
    } catch (zmq::error_t const& error) {
        throw IoError("cannot bind " + endpoint + " (" + error.what() + ") choose a free port, or port 0", true);
    }
}
DetectorSocket::~DetectorSocket() = default;
DetectorSocket::DetectorSocket(DetectorSocket&&) noexcept = default;

std::string DetectorSocket::endpoint() const {
    return socket_->socket.get(zmq::sockopt::last_endpoint);
}

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

bool DetectorSocket::try_send(Message const& message) {
    if (!wait_for_client(milliseconds(0))) return false;
    auto& socket = socket_->socket;
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto const flags = zmq::send_flags::dontwait | (i + 1 < message.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        if (!socket.send(zmq::buffer(message[i].data(), message[i].size()), flags)) return false; // only the first part can be refused
    }
    return true;
}

namespace {

/// Tries until the message is queued or `patience` is over; a negative patience has no end.
bool send_patiently(DetectorSocket& socket, Message const& message, milliseconds patience) {
    auto const begin = Clock::now();
    while (!socket.try_send(message)) {
        if (patience.count() >= 0 && Clock::now() - begin >= patience) return false;
        socket.wait_for_room(retry_slice);
    }
    return true;
}

} // namespace

PlayedSeries play(SeriesMessages const& series, DetectorSocket& socket, double rate_hz,
                  std::function<void(std::uint64_t)> const& progress) {
    PlayedSeries played;
    FrameRing ring(series.frames, series.frame, prepare_workers, prepared_frames);
    auto const begin = Clock::now();
    send_patiently(socket, series.start, control_patience);
    auto const first_frame = Clock::now();
    for (std::uint64_t i = 0; i < series.frames; ++i) {
        auto const message = ring.next();
        if (rate_hz > 0)
            std::this_thread::sleep_until(
                first_frame + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(i) / rate_hz)));
        auto const sent = rate_hz > 0 ? socket.try_send(message) : send_patiently(socket, message, milliseconds(-1));
        ++(sent ? played.sent : played.dropped);
        progress(i + 1);
    }
    if (!series.end.empty()) send_patiently(socket, series.end, control_patience);
    played.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return played;
}

} // namespace sqd::simulated
