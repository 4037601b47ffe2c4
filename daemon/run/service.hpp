// The thread that speaks to clients: publishes results, beats once a second, answers control.
#pragma once

#include "config/config.hpp"
#include "daemon/run/control.hpp"
#include "pipeline/core/results.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Owns the PUB and ROUTER sockets; both bound on construction (throws ConfigError). One thread runs it, so that what is
/// published and what a snapshot holds cannot differ. Others hand in results by publish().
class Service {
public:
    /// A result's messages as they were made, or a notice whose message is made here.
    using Item = std::variant<std::shared_ptr<std::vector<WireMessage> const>, SeriesNotice>;

    Service(zmq::context_t& context, ServiceConfig const& config, Speaker speaker, Clock const& clock, Counters& counters);
    ~Service();

    std::string const& results_endpoint() const { return results_endpoint_; }
    std::string const& control_endpoint() const { return control_endpoint_; }
    Sequence& sequence() { return sequence_; }
    LatestMessages const& latest() const { return latest_; }

    /// From any thread; items of one thread go out in its order. Unbounded, but results are rare and go out within a poll.
    void publish(Item item);
    /// Whom each heartbeat's body is told, too; set before run(), called from its thread.
    void tell_beats(std::function<void(Json const&)> listener) { beat_listener_ = std::move(listener); }
    /// Serves until stopped; then sends what is left.
    void run(std::stop_token stop, Control& control);

private:
    void send_waiting();
    void send(WireMessage message);
    void beat(Control const& control);
    void answer(Control& control);

    std::unique_ptr<zmq::socket_t> results_, control_socket_;
    std::string results_endpoint_, control_endpoint_;
    Speaker speaker_;
    Clock const& clock_;
    Counters& counters_;
    Sequence sequence_;
    LatestMessages latest_;
    std::mutex mutex_;
    std::deque<Item> waiting_;
    std::function<void(Json const&)> beat_listener_;
    int wake_fd_;
};

} // namespace sqd
