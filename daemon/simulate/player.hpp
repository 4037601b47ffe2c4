// A series on its way: messages in the order of a schedule, at the pace of the detector.
#pragma once

#include "daemon/simulate/detector_socket.hpp"
#include "detectors/simulated/message.hpp"
#include "detectors/simulated/schedule.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace sqd::simulated {

/// Where messages go.
struct Outlet {
    std::function<Delivery(SharedMessage const&)> try_send;
    std::function<void(std::chrono::milliseconds)> wait_for_room;
    std::function<void(SharedMessage const&)> tear; ///< only the beginning of the message arrives
};

/// The socket outlives it.
Outlet outlet_to(DetectorSocket& socket);

/// What one series is made of. `frame` is called from several threads.
struct SeriesMessages {
    SharedMessage start; ///< empty = the series has none
    std::uint64_t frames = 0;
    std::function<SharedMessage(std::uint64_t)> frame;
    SharedMessage end;     ///< empty = the series has none
    bool prepared = false; ///< a call of `frame` costs next to nothing: no worker prepares frames ahead
};

/// What became of a series.
struct PlayedSeries {
    std::uint64_t sent = 0, dropped = 0, stolen = 0; ///< messages with frames
    double seconds = 0;
    Schedule delivered; ///< what the client was sent, in order
};

/// Sends what the schedule says at `rate_hz` frames per second (0 = as fast as the client takes them, waiting where the queue is full).
/// Start and end are worth waiting for: up to a second each. `progress(frames done)` is called after each frame.
PlayedSeries play(SeriesMessages const& series, Schedule const& schedule, Outlet const& outlet, double rate_hz,
                  std::function<void(std::uint64_t)> const& progress);

} // namespace sqd::simulated
