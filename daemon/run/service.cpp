#include "daemon/run/service.hpp"

#include "daemon/run/io_threads.hpp"
#include "daemon/run/zmq_interrupted.hpp"
#include "pipeline/core/errors.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <utility>

namespace sqd {
namespace {

using namespace std::chrono_literals;

/// Options are set before the bind: libzmq gives later ones to no connection of that endpoint.
std::unique_ptr<zmq::socket_t> make_socket(zmq::context_t& context, zmq::socket_type type, int waiting, Access const& access) {
    auto socket = std::make_unique<zmq::socket_t>(context, type);
    constexpr int handshake_ms = 10'000; // who connects and says nothing does not stay
    use_thread(IoThread::clients, context, *socket);
    socket->set(zmq::sockopt::linger, 1000);
    socket->set(zmq::sockopt::handshake_ivl, handshake_ms);
    socket->set(zmq::sockopt::sndhwm, waiting);
    socket->set(zmq::sockopt::maxmsgsize, std::int64_t{1} << (type == zmq::socket_type::router ? 20 : 10)); // requests; subscriptions
    if (type == zmq::socket_type::router) {
        socket->set(zmq::sockopt::rcvhwm, 64);
        socket->set(zmq::sockopt::router_mandatory, true); // who is gone, or does not read, is told of
    }
    if (type == zmq::socket_type::xpub) SubscriberLimit::make_verbose(*socket);
    access.guard(*socket);
    return socket;
}

std::string bind(zmq::socket_t& socket, std::string const& endpoint, char const* key) {
    try {
        socket.bind(endpoint);
    } catch (zmq::error_t const& error) {
        throw ConfigError(std::string(key) + ": " + endpoint + " cannot be bound (" + error.what() + ") is another sqd running?");
    }
    return socket.get(zmq::sockopt::last_endpoint);
}

/// One part; `dontwait` or none in `flags`. False when it would have to wait.
bool send_part(zmq::socket_t& socket, std::string const& text, bool more, zmq::send_flags flags) {
    auto const all = flags | (more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    return uninterrupted([&] { return socket.send(zmq::buffer(text), all); }).has_value();
}

/// What the calling thread took of a core so far.
double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

} // namespace

ClientBounds client_bounds(IntegrationConfig const& integration) {
    constexpr std::size_t budget = 64 << 20, arrays_per_bin = 32, messages_per_result = 9;
    std::size_t const curves = arrays_per_bin * sizeof(double) * integration.npt;
    std::size_t const cake = integration.cake ? 3 * sizeof(double) * integration.npt * integration.cake->npt_azim : 0;
    std::size_t const results = std::clamp<std::size_t>(budget / (curves + cake + 1), 3, 8);
    return {.results = static_cast<int>(results * messages_per_result)};
}

Service::Service(zmq::context_t& context, ServiceConfig const& config, ClientBounds bounds, Access& access, Speaker speaker,
                 AlarmBoard& alarms, Clock const& clock, Counters& counters)
    : access_(access), results_(make_socket(context, zmq::socket_type::xpub, bounds.results, access)),
      control_socket_(make_socket(context, zmq::socket_type::router, bounds.replies, access)),
      subscribers_(context, *results_, [this](auto event, auto value) { access_.handshake_failed(event, value); }),
      askers_(context, *control_socket_, [this](auto event, auto value) { access_.handshake_failed(event, value); }),
      limit_(
          *results_, subscribers_, [&access](std::string const& user) { return access.asker(user); }, counters),
      most_subscribers_("results.bind", "crowd_results", ConnectionLimit::of_clients, subscribers_, alarms, counters, clock),
      most_askers_("control.bind", "crowd_control", ConnectionLimit::of_clients, askers_, alarms, counters, clock),
      results_endpoint_(bind(*results_, config.results_bind, "results.bind")),
      control_endpoint_(bind(*control_socket_, config.control_bind, "control.bind")), speaker_(std::move(speaker)), alarms_(alarms),
      clock_(clock), counters_(counters), pace_(clock.steady_s()), wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Service::~Service() {
    close(wake_fd_);
}

void Service::publish(PublishQueue::Item item) {
    switch (waiting_.push(std::move(item), 1s)) {
    case PublishQueue::Pushed::waits: break;
    case PublishQueue::Pushed::instead: ++counters_.results_replaced; break;
    case PublishQueue::Pushed::lost:
        ++counters_.results_unpublished;
        alarms_.raise("publication", "a result was not published (the queue to the clients is full) it is in the archive", clock_.utc_ns());
        return;
    }
    wake();
}

void Service::wake() const {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = write(wake_fd_, &one, sizeof one); // full counter = already awake
}

void Service::run(std::stop_token stop, Control& control) {
    double next_beat = clock_.steady_s();
    while (!stop.stop_requested()) {
        double const now = clock_.steady_s();
        if (now >= next_beat) {
            limit_.judge_listed(now);
            beat(control);
            next_beat = std::max(next_beat + 1, now);
        }
        double const pause_s = pace_.wait_s(now);
        bool const answers = pause_s == 0;
        double const next_s = answers ? next_beat - now : std::min(next_beat - now, pause_s);
        auto const wait = std::chrono::milliseconds(std::clamp(static_cast<int>(next_s * 1e3) + 1, 1, 100));
        short const asked = answers ? ZMQ_POLLIN : 0;
        std::array<zmq::pollitem_t, 5> items{{{control_socket_->handle(), 0, asked, 0},
                                              {results_->handle(), 0, ZMQ_POLLIN, 0},
                                              {nullptr, wake_fd_, ZMQ_POLLIN, 0},
                                              {subscribers_.handle(), 0, ZMQ_POLLIN, 0},
                                              {askers_.handle(), 0, ZMQ_POLLIN, 0}}};
        poll_sockets(items, wait);
        if ((items[2].revents & ZMQ_POLLIN) != 0) {
            std::uint64_t count = 0;
            [[maybe_unused]] auto const n = read(wake_fd_, &count, sizeof count);
        }
        count_clients();
        send_waiting();
        desk_.serve([&control](std::string const& command) { return control(command, {"page", Rights::control}).json; });
        if ((items[0].revents & ZMQ_POLLIN) != 0) answer(control);
    }
    send_waiting();
}

void Service::count_clients() {
    limit_.take();
    subscribers_.read();
    askers_.read();
    limit_.judge(clock_.steady_s());
    most_subscribers_.judge();
    most_askers_.judge();
    clients_ = {.results = subscribers_.peers(),
                .control = askers_.peers(),
                .gone = subscribers_.gone() + askers_.gone(),
                .refused = subscribers_.refused() + askers_.refused()};
}

void Service::send_waiting() {
    while (auto const item = waiting_.pop()) {
        if (auto const* notice = std::get_if<SeriesNotice>(&*item)) {
            sent_.add_notice(send(series_message(*notice, speaker_, sequence_, clock_.utc_ns())));
            continue;
        }
        for (WireMessage const& message : *std::get<Messages>(*item)) sent_.add(send(message));
        ++counters_.results_published;
    }
}

SentPtr Service::send(WireMessage const& message) {
    SentPtr const sent = sent_message(message);
    for (std::size_t i = 0; i < sent->parts.size(); ++i)
        send_part(*results_, sent->parts[i], i + 1 < sent->parts.size(), zmq::send_flags::none);
    sequence_.went_out(sent->topic, sent->seq);
    if (sent_listener_) sent_listener_(message, sent);
    return sent;
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
    sent_.add(send(message));
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
    double const begin_s = thread_seconds();
    serve(parts, control);
    pace_.answered(thread_seconds() - begin_s);
}

void Service::serve(std::vector<zmq::message_t>& parts, Control& control) {
    if (parts.size() < 2) return; // an identity alone asks nothing
    ControlReply const answer = control(parts.back().to_string(), access_.asker(Access::user_of(parts.back())));
    // The envelope goes back as it came: an identity, and an empty part when a REQ socket asked.
    std::vector<std::string> envelope;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) envelope.push_back(parts[i].to_string());
    if (!reply(envelope, answer)) ++counters_.replies_dropped;
}

/// False when the client is gone or has not read what it asked for before: then nothing of the reply is kept.
bool Service::reply(std::vector<std::string> const& envelope, ControlReply const& reply) {
    constexpr auto flags = zmq::send_flags::dontwait;
    try {
        for (std::size_t i = 0; i < envelope.size(); ++i)
            if (!send_part(*control_socket_, envelope[i], true, flags)) return false;
        bool const alone = reply.messages.empty();
        send_part(*control_socket_, to_text(reply.json), !alone, flags);
        for (SentPtr const& message : reply.messages)
            for (std::string const& part : message->parts)
                send_part(*control_socket_, part, &message != &reply.messages.back() || &part != &message->parts.back(), flags);
    } catch (zmq::error_t const& error) {
        if (error.num() != EHOSTUNREACH) throw;
        return false;
    }
    return true;
}

} // namespace sqd
