// The tap: every received message passed on unchanged, for a file writer or a viewer. It never makes the intake wait.
#pragma once

#include "config/config.hpp"
#include "daemon/run/peer_watch.hpp"
#include "daemon/security/connection_limit.hpp"
#include "daemon/security/subscriber_limit.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <memory>
#include <string>
#include <vector>

namespace zmq {
class context_t;
class message_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Owns the socket; connected or bound on construction (throws ConfigError). One thread calls it. The content of messages is shared,
/// not copied. What the other side cannot take at once (nobody there, its queue full) is counted in `tap_dropped`, whole messages
/// only; once somebody has been there it is an alarm, too. What lies queued for a peer that goes away is lost with it. Receivers and what
/// they subscribe to are bounded as those of results are.
class Tap {
public:
    Tap(zmq::context_t& context, TapConfig const& config, Counters& counters, AlarmBoard& alarms, Clock const& clock);
    ~Tap();

    /// The endpoint in use (the port is known even when 0 was asked for).
    std::string const& endpoint() const { return endpoint_; }
    /// Takes one part; the caller goes on using it.
    void add(zmq::message_t& part);
    /// The parts added so far are one message: it goes out now or never.
    void send();
    /// Who came, and what was asked for; often, also while nothing is sent.
    void look_after();

private:
    bool peer_is_there();
    bool send_parts();

    std::unique_ptr<zmq::socket_t> socket_;
    PeerWatch peers_;
    bool publish_;
    std::string endpoint_;
    SubscriberLimit limit_;
    ConnectionLimit most_;
    Counters& counters_;
    AlarmBoard& alarms_;
    Clock const& clock_;
    std::vector<zmq::message_t> parts_;
    bool had_peer_ = false;
};

} // namespace sqd
