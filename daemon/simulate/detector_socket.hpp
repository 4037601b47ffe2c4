// The socket that a simulated detector sends from, with what can befall it: a second client, a connection that dies.
#pragma once

#include "detectors/simulated/message.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace sqd::simulated {

/// Where it sends from, or to.
struct DetectorEndpoint {
    std::string where;
    bool connects = false; ///< else it binds
    bool publish = false;  ///< PUB, else PUSH
};

/// What became of a message.
enum class Delivery {
    refused, ///< no client, or no room: the message is dropped
    sent,
    stolen, ///< the second client has it
};

/// PUSH or PUB socket. A detector never waits for its client: what the queue cannot take is dropped and counted by the caller.
/// Throws IoError when the endpoint cannot be used. Messages queued at the end have 30 s to leave.
class DetectorSocket {
public:
    explicit DetectorSocket(DetectorEndpoint endpoint);
    ~DetectorSocket();
    DetectorSocket(DetectorSocket&&) noexcept;
    DetectorSocket& operator=(DetectorSocket&&) noexcept;

    /// As bound (port 0 has become the real one), or as connected to.
    std::string const& endpoint() const { return endpoint_.where; }
    /// True once a client has connected (PUSH) or subscribed (PUB).
    bool wait_for_client(std::chrono::milliseconds time);
    /// Queues a whole message, or nothing of it. The queue shares its parts.
    Delivery try_send(SharedMessage const& message);
    /// Waits up to `time` until a message can be queued.
    bool wait_for_room(std::chrono::milliseconds time);

    /// From now on a second client takes every other message. Throws DataError for PUB, which gives all to all.
    void let_thief_in();
    void chase_thief_out();
    /// The connection dies in the middle of this message; what was sent before has left. Waits until a client is back. Throws IoError.
    void tear(SharedMessage const& message);

private:
    struct Socket;
    DetectorEndpoint endpoint_;
    std::unique_ptr<Socket> socket_;
};

} // namespace sqd::simulated
