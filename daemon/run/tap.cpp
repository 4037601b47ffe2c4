#include "daemon/run/tap.hpp"

#include "daemon/run/io_threads.hpp"
#include "daemon/run/zmq_interrupted.hpp"
#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <cstddef>
#include <cstdint>

namespace sqd {
namespace {

std::unique_ptr<zmq::socket_t> make_socket(zmq::context_t& context, TapConfig const& config) {
    auto socket = std::make_unique<zmq::socket_t>(context, config.publish ? zmq::socket_type::xpub : zmq::socket_type::push);
    use_thread(IoThread::stream, context, *socket);
    socket->set(zmq::sockopt::sndhwm, config.queue_messages);
    socket->set(zmq::sockopt::maxmsgsize, std::int64_t{4096}); // of what a receiver sends: nothing but subscriptions
    socket->set(zmq::sockopt::linger, 1000);                   // the end of a series may still be on its way when the program ends
    if (config.publish) {
        socket->set(zmq::sockopt::xpub_nodrop, true); // a full queue refuses aloud
        SubscriberLimit::make_verbose(*socket);
    } else {
        socket->set(zmq::sockopt::immediate, true); // nothing is queued for a peer that was never there
    }
    return socket;
}

/// The endpoint in use.
std::string open_socket(zmq::socket_t& socket, TapConfig const& config) {
    bool const connecting = !config.connect.empty();
    std::string const& where = connecting ? config.connect : config.bind;
    try {
        if (connecting)
            socket.connect(where);
        else
            socket.bind(where);
    } catch (zmq::error_t const& error) {
        throw ConfigError("source.tap." + std::string(connecting ? "connect: " : "bind: ") + where + " cannot be used (" + error.what() +
                          ") choose another endpoint");
    }
    return socket.get(zmq::sockopt::last_endpoint);
}

} // namespace

Tap::Tap(zmq::context_t& context, TapConfig const& config, Counters& counters, AlarmBoard& alarms, Clock const& clock)
    : socket_(make_socket(context, config)), peers_(context, *socket_), publish_(config.publish), endpoint_(open_socket(*socket_, config)),
      limit_(
          *socket_, peers_, [](std::string const&) { return Asker{}; }, counters),
      most_("source.tap.bind", "crowd_tap", ConnectionLimit::of_streams, peers_, alarms, counters, clock), counters_(counters),
      alarms_(alarms), clock_(clock) {}

Tap::~Tap() = default;

void Tap::add(zmq::message_t& part) {
    parts_.emplace_back().copy(part);
}

void Tap::send() {
    if (send_parts()) {
        ++counters_.tap_sent;
    } else {
        ++counters_.tap_dropped;
        char const* const text = "the tap did not take a message (its other side is slow or gone) make it read faster, or raise "
                                 "source.tap.queue_messages";
        if (had_peer_ && alarms_.raise("tap", text, clock_.utc_ns())) spdlog::warn("{}", text);
    }
    parts_.clear();
}

void Tap::look_after() {
    if (publish_) limit_.take();
    peers_.read();
    if (publish_) limit_.judge(clock_.steady_s());
    most_.judge();
}

/// XPUB, which would drop in silence without a subscriber, is asked; PUSH refuses by itself.
bool Tap::peer_is_there() {
    if (!publish_) return true;
    look_after();
    bool const subscribed = limit_.subscribers() > 0;
    had_peer_ = had_peer_ || subscribed;
    return subscribed;
}

bool Tap::send_parts() {
    if (!peer_is_there()) return false;
    bool taken = true;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        auto const flags = zmq::send_flags::dontwait | (i + 1 < parts_.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        if (uninterrupted([&] { return socket_->send(parts_[i], flags); })) continue;
        if (i == 0) return false;
        taken = false; // the peer left between two parts: ZeroMQ throws the rest away, once it has been given all of it
    }
    had_peer_ = true;
    return taken;
}

} // namespace sqd
