// The socket the simulated detector sends from, and the pace of its frames.
#pragma once

#include "detectors/simulated/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sqd::simulated {

/// Bound PUSH or PUB socket. A detector never waits for its client: what the queue cannot take is dropped and counted by the caller.
/// Throws IoError when the endpoint cannot be bound. Messages queued at the end have 30 s to leave.
class DetectorSocket {
public:
    DetectorSocket(std::string const& endpoint, bool publish);
    ~DetectorSocket();
    DetectorSocket(DetectorSocket&&) noexcept;

    std::string endpoint() const; ///< as bound: port 0 has become the real one
    /// True once a client has connected (PUSH) or subscribed (PUB).
    bool wait_for_client(std::chrono::milliseconds time);
    /// Queues a whole message, or nothing of it: false = no client, or the queue is full.
    bool try_send(Message const& message);
    /// Waits up to `time` until a message can be queued.
    bool wait_for_room(std::chrono::milliseconds time);

private:
    struct Socket;
    std::unique_ptr<Socket> socket_;
};

/// What one series is made of. `frame` is called from several threads.
struct SeriesMessages {
    Message start;
    std::uint64_t frames = 0;
    std::function<Message(std::uint64_t)> frame;
    Message end; ///< empty = the series has no end
};

/// What became of a series.
struct PlayedSeries {
    std::uint64_t sent = 0, dropped = 0;
    double seconds = 0;
};

/// Sends a series at `rate_hz` frames per second (0 = as fast as the client takes them, waiting where the queue is full). Start and
/// end are worth waiting for: up to a second each. `progress(frames done)` is called after each frame.
PlayedSeries play(SeriesMessages const& series, DetectorSocket& socket, double rate_hz, std::function<void(std::uint64_t)> const& progress);

} // namespace sqd::simulated
