#include "daemon/run/service.hpp"

#include "daemon/run/zmq_interrupted.hpp"
#include "pipeline/core/errors.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace sqd {
namespace {

/// Options are set before the bind: libzmq gives later ones to no connection of that endpoint.
std::unique_ptr<zmq::socket_t> bind_socket(zmq::context_t& context, zmq::socket_type type, std::string const& endpoint, char const* key) {
    auto socket = std::make_unique<zmq::socket_t>(context, type);
    socket->set(zmq::sockopt::linger, 1000);
    if (type == zmq::socket_type::router) {
        socket->set(zmq::sockopt::maxmsgsize, std::int64_t{1} << 20);
        socket->set(zmq::sockopt::sndhwm, 16); // replies to a client that does not read them
    }
    try {
        socket->bind(endpoint);
    } catch (zmq::error_t const& error) {
        throw ConfigError(std::string(key) + ": " + endpoint + " cannot be bound (" + error.what() + ") is another sqd running?");
    }
    return socket;
}

/// One part; `dontwait` or none in `flags`.
void send_part(zmq::socket_t& socket, std::string const& text, bool more, zmq::send_flags flags) {
    uninterrupted([&] { return socket.send(zmq::buffer(text), flags | (more ? zmq::send_flags::sndmore : zmq::send_flags::none)); });
}

} // namespace

Service::Service(zmq::context_t& context, ServiceConfig const& config, Speaker speaker, Clock const& clock, Counters& counters)
    : results_(bind_socket(context, zmq::socket_type::pub, config.results_bind, "results.bind")),
      control_socket_(bind_socket(context, zmq::socket_type::router, config.control_bind, "control.bind")),
      results_endpoint_(results_->get(zmq::sockopt::last_endpoint)), control_endpoint_(control_socket_->get(zmq::sockopt::last_endpoint)),
      speaker_(std::move(speaker)), clock_(clock), counters_(counters), wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Service::~Service() {
    close(wake_fd_);
}

void Service::publish(Item item) {
    {
        std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(item));
    }
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = write(wake_fd_, &one, sizeof one); // full counter = already awake
}

void Service::run(std::stop_token stop, Control& control) {
    using namespace std::chrono_literals;
    double next_beat = clock_.steady_s();
    while (!stop.stop_requested()) {
        double const now = clock_.steady_s();
        if (now >= next_beat) {
            beat(control);
            next_beat = std::max(next_beat + 1, now);
        }
        auto const wait = std::chrono::milliseconds(std::clamp(static_cast<int>((next_beat - now) * 1e3) + 1, 1, 100));
        std::array<zmq::pollitem_t, 2> items{{{control_socket_->handle(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_fd_, ZMQ_POLLIN, 0}}};
        poll_sockets(items, wait);
        if ((items[1].revents & ZMQ_POLLIN) != 0) {
            std::uint64_t count = 0;
            [[maybe_unused]] auto const n = read(wake_fd_, &count, sizeof count);
        }
        send_waiting();
        if ((items[0].revents & ZMQ_POLLIN) != 0) answer(control);
    }
    send_waiting();
}

void Service::send_waiting() {
    for (;;) {
        Item item;
        {
            std::lock_guard lock(mutex_);
            if (waiting_.empty()) return;
            item = std::move(waiting_.front());
            waiting_.pop_front();
        }
        if (auto const* notice = std::get_if<SeriesNotice>(&item)) {
            send(series_message(*notice, speaker_, sequence_, clock_.utc_ns()));
            continue;
        }
        for (WireMessage const& message : *std::get<0>(item)) send(message);
        ++counters_.results_published;
    }
}

void Service::send(WireMessage message) {
    constexpr auto flags = zmq::send_flags::none;
    send_part(*results_, message.topic, true, flags);
    send_part(*results_, to_text(message.header), !message.arrays.empty(), flags);
    for (std::size_t i = 0; i < message.arrays.size(); ++i) {
        send_part(*results_, message.arrays[i], i + 1 < message.arrays.size(), flags);
    }
    sequence_.went_out(message.topic, message.header.at("seq").get<std::uint64_t>());
    latest_[message.topic] = std::move(message);
}

void Service::beat(Control const& control) {
    WireMessage message;
    message.topic = topic_of(speaker_, "status");
    message.header = {{"schema", "sqd.status/1.0"},
                      {"instance", speaker_.instance},
                      {"epoch", speaker_.epoch},
                      {"seq", sequence_.next(message.topic)},
                      {"time", {{"published", iso_time(clock_.utc_ns())}}}};
    Json body = control.status();
    message.header.update(body);
    if (beat_listener_) beat_listener_(body);
    message.header["arrays"] = Json::array();
    send(std::move(message));
}

void Service::answer(Control& control) {
    std::vector<zmq::message_t> parts;
    bool more = true;
    while (more) {
        zmq::message_t message;
        if (!uninterrupted([&] { return control_socket_->recv(message, zmq::recv_flags::dontwait); })) return;
        more = message.more();
        parts.push_back(std::move(message));
    }
    if (parts.size() < 2) return; // an identity alone asks nothing
    ControlReply const reply = control(parts.back().to_string());
    // The envelope goes back as it came: an identity, and an empty part when a REQ socket asked.
    constexpr auto flags = zmq::send_flags::dontwait;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) send_part(*control_socket_, parts[i].to_string(), true, flags);
    std::vector<std::string> body{to_text(reply.json)};
    for (WireMessage const* message : reply.messages) {
        body.push_back(message->topic);
        body.push_back(to_text(message->header));
        body.insert(body.end(), message->arrays.begin(), message->arrays.end());
    }
    for (std::size_t i = 0; i < body.size(); ++i) send_part(*control_socket_, body[i], i + 1 < body.size(), flags);
}

} // namespace sqd
