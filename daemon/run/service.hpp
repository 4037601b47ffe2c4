// The thread that speaks to clients: publishes results, beats once a second, answers control.
#pragma once

#include "config/config.hpp"
#include "daemon/publish/sent_messages.hpp"
#include "daemon/run/answer_pace.hpp"
#include "daemon/run/command_desk.hpp"
#include "daemon/run/control.hpp"
#include "daemon/run/peer_watch.hpp"
#include "daemon/run/publish_queue.hpp"
#include "daemon/security/access.hpp"
#include "daemon/security/connection_limit.hpp"
#include "daemon/security/subscriber_limit.hpp"
#include "pipeline/core/results.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace zmq {
class context_t;
class message_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Messages that wait for one client that does not read: libzmq counts whole messages, so what a client may cost is this many of the
/// largest. Beyond it the newest are dropped (PUB), or not answered (ROUTER).
struct ClientBounds {
    int results = 64; ///< some 6 s at the usual rate, and one final more than once
    int replies = 4;
};
/// So that one result subscriber costs some 64 MB at most, and three finals find room in any case: curves of `npt` bins, and cakes.
ClientBounds client_bounds(IntegrationConfig const& integration);

/// Owns the XPUB and ROUTER sockets; both bound on construction (throws ConfigError). One thread runs it, so that what is
/// published and what a snapshot holds cannot differ. `access` outlives it. Others hand in results by publish().
class Service {
public:
    Service(zmq::context_t& context, ServiceConfig const& config, ClientBounds bounds, Access& access, Speaker speaker, AlarmBoard& alarms,
            Clock const& clock, Counters& counters);
    ~Service();

    std::string const& results_endpoint() const { return results_endpoint_; }
    std::string const& control_endpoint() const { return control_endpoint_; }
    Sequence& sequence() { return sequence_; }
    SentMessages const& sent() const { return sent_; }
    ClientCounts const& clients() const { return clients_; }

    /// From any thread; items of one thread go out in its order. What finds no room in the queue (PublishQueue) is counted and an alarm.
    void publish(PublishQueue::Item item);
    /// Whom each heartbeat's body is told, too; set before run(), called from its thread.
    void tell_beats(std::function<void(Json const&)> listener) { beat_listener_ = std::move(listener); }
    /// Whom every message is told, too, as it goes out; set before run(), called from its thread, must not wait.
    void tell_sent(std::function<void(WireMessage const&, SentPtr const&)> listener) { sent_listener_ = std::move(listener); }
    /// A command from within the program, obeyed by run()'s thread as if a client that may control had sent it.
    std::optional<Json> ask(std::string command, std::chrono::milliseconds patience) { return desk_.ask(std::move(command), patience); }
    /// Serves until stopped; then sends what is left.
    void run(std::stop_token stop, Control& control);

private:
    void send_waiting();
    SentPtr send(WireMessage const& message);
    void beat(Control const& control);
    void answer(Control& control);
    void serve(std::vector<zmq::message_t>& parts, Control& control);
    bool reply(std::vector<std::string> const& envelope, ControlReply const& reply);
    void count_clients();
    void wake() const;

    Access& access_;
    std::unique_ptr<zmq::socket_t> results_, control_socket_;
    PeerWatch subscribers_, askers_;
    SubscriberLimit limit_;
    ConnectionLimit most_subscribers_, most_askers_;
    std::string results_endpoint_, control_endpoint_;
    Speaker speaker_;
    AlarmBoard& alarms_;
    Clock const& clock_;
    Counters& counters_;
    Sequence sequence_;
    SentMessages sent_;
    ClientCounts clients_;
    PublishQueue waiting_;
    std::function<void(Json const&)> beat_listener_;
    std::function<void(WireMessage const&, SentPtr const&)> sent_listener_;
    AnswerPace pace_;
    CommandDesk desk_{[this] { wake(); }};
    int wake_fd_;
};

} // namespace sqd
