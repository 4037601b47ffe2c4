// The entrance of the queue between receiving and processing: what a detector said goes in, and what does not fit is named.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/stream/bounded_queue.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/events.hpp"

#include <stop_token>

namespace sqd {

/// One thread at a time. Counts images and what was not understood.
class EventGate {
public:
    EventGate(BoundedQueue<StreamEvent>& queue, Counters& counters, Clock const& clock)
        : queue_(queue), counters_(counters), clock_(clock) {}

    /// From a detector, which does not wait: when the queue is full an image finds room within a second or is counted and named
    /// (LostFrame), a start of series within ten, or DecodeError (oversized) is thrown.
    void take(DetectorMessage message);
    /// From files, which do wait: until there is room. False when stopped meanwhile, or the queue is closed.
    bool wait_and_take(StreamEvent event, std::stop_token const& stop);
    /// What was not understood.
    void refuse(DecodeFault fault, std::string const& what);

private:
    void stamp(StreamEvent& event);

    BoundedQueue<StreamEvent>& queue_;
    Counters& counters_;
    Clock const& clock_;
};

} // namespace sqd
