// The receiving thread: socket -> decoder -> queue. It does nothing else, so that it always keeps up.
#pragma once

#include "config/config.hpp"
#include "daemon/run/event_gate.hpp"
#include "daemon/run/peer_watch.hpp"
#include "daemon/run/source_link.hpp"
#include "daemon/run/tap.hpp"
#include "daemon/security/connection_limit.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/stream/counters.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Owns the source's socket. Connected or bound on construction (throws ConfigError when that fails), before any detector is armed.
/// ZeroMQ's bytes are handed on, never copied. When the queue is full it waits (EventGate): the kernel and the detector hold what comes.
class Intake {
public:
    Intake(zmq::context_t& context, SourceConfig const& source, std::unique_ptr<Decoder> decoder, EventGate gate, Counters& counters,
           AlarmBoard& alarms, SourceLink& link, Clock const& clock, std::unique_ptr<Tap> tap);
    ~Intake();

    /// The endpoint in use (the port is known even when 0 was asked for).
    std::string const& endpoint() const { return endpoint_; }
    /// Where received messages are passed on; empty: nowhere.
    std::string tap_endpoint() const { return tap_ ? tap_->endpoint() : std::string{}; }
    /// Receives until stopped.
    void run(std::stop_token stop);

private:
    void receive();

    std::unique_ptr<zmq::socket_t> socket_;
    PeerWatch peers_;
    std::string endpoint_;
    std::string kind_; ///< of its protocol
    ConnectionLimit most_;
    std::unique_ptr<Decoder> decoder_;
    EventGate gate_;
    Counters& counters_;
    SourceLink& link_;
    unsigned since_look_ = 0;  ///< messages since the peers were counted
    std::unique_ptr<Tap> tap_; ///< null: nobody else gets what is received
};

/// What the configuration tells the decoder of its source.
DecoderOptions decoder_options(Config const& config);

} // namespace sqd
