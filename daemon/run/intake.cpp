#include "daemon/run/intake.hpp"

#include "daemon/run/io_threads.hpp"
#include "daemon/run/source_hint.hpp"
#include "daemon/run/zmq_interrupted.hpp"
#include "pipeline/core/errors.hpp"

#include <zmq.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace sqd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_parts = DecoderLimits{}.max_parts;

std::unique_ptr<zmq::socket_t> make_socket(zmq::context_t& context, SourceConfig const& source) {
    auto socket = std::make_unique<zmq::socket_t>(context, source.subscribe ? zmq::socket_type::sub : zmq::socket_type::pull);
    use_thread(IoThread::stream, context, *socket);
    // The queue behind is bounded in bytes; the socket's own, counted in messages, stays short.
    socket->set(zmq::sockopt::rcvhwm, 64);
    socket->set(zmq::sockopt::linger, 0);
    // The start of Stream V2 is one part that holds the masks and flat fields of all channels: more than an image.
    socket->set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(2 * source.max_image_bytes + (1U << 20U)));
    socket->set(zmq::sockopt::tcp_keepalive, 1);
    if (source.subscribe) socket->set(zmq::sockopt::subscribe, "");
    return socket;
}

/// The endpoint in use.
std::string open_socket(zmq::socket_t& socket, SourceConfig const& source) {
    try {
        if (!source.connect.empty())
            socket.connect(source.connect);
        else
            socket.bind(source.bind);
    } catch (zmq::error_t const& error) {
        bool const connecting = !source.connect.empty();
        throw ConfigError("source." + std::string(connecting ? "connect: " : "bind: ") + (connecting ? source.connect : source.bind) +
                          " cannot be used (" + error.what() + ")");
    }
    return socket.get(zmq::sockopt::last_endpoint);
}

} // namespace

DecoderOptions decoder_options(Config const& config) {
    DecoderOptions options;
    options.limits.max_image_bytes = config.source.max_image_bytes;
    options.channel = config.source.channel;
    options.rows = config.geometry.rows;
    options.cols = config.geometry.cols;
    return options;
}

Intake::Intake(zmq::context_t& context, SourceConfig const& source, std::unique_ptr<Decoder> decoder, EventGate gate, Counters& counters,
               AlarmBoard& alarms, SourceLink& link, Clock const& clock, std::unique_ptr<Tap> tap)
    : socket_(make_socket(context, source)), peers_(context, *socket_), endpoint_(open_socket(*socket_, source)), kind_(source.kind),
      most_("source.bind", "crowd_source", ConnectionLimit::of_streams, peers_, alarms, counters, clock), decoder_(std::move(decoder)),
      gate_(gate), counters_(counters), link_(link), tap_(std::move(tap)) {}

Intake::~Intake() = default;

void Intake::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        std::array<zmq::pollitem_t, 1> items{{{socket_->handle(), 0, ZMQ_POLLIN, 0}}};
        poll_sockets(items, 100ms);
        bool const news = (items[0].revents & ZMQ_POLLIN) != 0;
        if (news) receive();
        constexpr unsigned often = 64; // while messages come, who sends them is there, and each look costs
        if (news && ++since_look_ < often) continue;
        since_look_ = 0;
        peers_.read();
        most_.judge();
        if (tap_) tap_->look_after();
        link_.tell(peers_.peers() > 0);
    }
}

void Intake::receive() {
    std::vector<MessagePart> parts;
    bool more = true, too_many = false;
    while (more) { // a multipart message is atomic: all of it is there; what is beyond the limit is drained
        auto message = std::make_shared<zmq::message_t>();
        if (!uninterrupted([&] { return socket_->recv(*message, zmq::recv_flags::dontwait); })) return;
        more = message->more();
        counters_.bytes += message->size();
        if (tap_) tap_->add(*message);
        if (parts.size() == max_parts) {
            too_many = true;
            continue;
        }
        std::span const bytes(static_cast<std::byte const*>(message->data()), message->size());
        parts.push_back({bytes, std::move(message)});
    }
    ++counters_.messages;
    if (tap_) tap_->send(); // before it is decoded: what this program does not understand is passed on, too
    try {
        if (too_many) throw DecodeError(DecodeFault::oversized, "a message of more than " + std::to_string(max_parts) + " parts");
        if (auto decoded = decoder_->decode(parts)) gate_.take(std::move(*decoded));
    } catch (DecodeError const& error) {
        bool const foreign = error.fault() == DecodeFault::malformed || error.fault() == DecodeFault::unsupported;
        gate_.refuse(error.fault(), error.what() + (foreign ? hint_of(parts, kind_) : std::string{}));
    }
}

} // namespace sqd
