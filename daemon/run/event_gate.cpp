#include "daemon/run/event_gate.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace sqd {
namespace {

using namespace std::chrono_literals;

std::atomic<std::uint64_t>& counter_of(Counters& counters, DecodeFault fault) {
    switch (fault) {
    case DecodeFault::unsupported: return counters.bad_unsupported;
    case DecodeFault::truncated: return counters.bad_truncated;
    case DecodeFault::corrupt: return counters.bad_corrupt;
    case DecodeFault::mismatch: return counters.bad_mismatch;
    case DecodeFault::oversized: return counters.bad_oversized;
    case DecodeFault::malformed: break;
    }
    return counters.bad_malformed;
}

std::size_t weight_of(Frame const& frame) {
    return frame.bytes + sizeof(Frame);
}

/// A header may carry a pixel mask as large as an image, and any appendix.
std::size_t weight_of(SeriesStart const& start) {
    return sizeof(SeriesStart) + start.appendix.size() + (start.pixel_mask ? start.pixel_mask->size() * sizeof(std::uint32_t) : 0);
}

std::size_t weight_of(StreamEvent const& event) {
    if (auto const* frame = std::get_if<Frame>(&event)) return weight_of(*frame);
    if (auto const* image = std::get_if<FloatFrame>(&event)) return image->pixels.size() * sizeof(double) + sizeof(FloatFrame);
    if (auto const* start = std::get_if<SeriesStart>(&event)) return weight_of(*start);
    if (auto const* bad = std::get_if<BadMessage>(&event)) return bad->what.size() + sizeof(BadMessage);
    return 0;
}

} // namespace

/// Images are counted and get the time of their arrival.
void EventGate::stamp(StreamEvent& event) {
    auto* const frame = std::get_if<Frame>(&event);
    auto* const image = std::get_if<FloatFrame>(&event);
    if (!frame && !image) return;
    ++counters_.images;
    (frame ? frame->received_ns : image->received_ns) = clock_.utc_ns();
}

void EventGate::take(DetectorMessage message) {
    if (auto* start = std::get_if<SeriesStart>(&message)) {
        std::size_t const weight = weight_of(*start);
        StreamEvent event = std::move(*start);
        // A series without its start is worse off than one without a frame: more patience.
        if (!queue_.push(event, weight, 10s)) {
            throw DecodeError(DecodeFault::oversized,
                              "header of " + std::to_string(weight) + " bytes found no room (the queue is full) enlarge source.queue");
        }
    } else if (auto const* end = std::get_if<SeriesEnd>(&message)) {
        queue_.push_always(*end);
    } else {
        Frame& frame = std::get<Frame>(message);
        std::size_t const weight = weight_of(frame);
        LostFrame const loss{frame.series, frame.number};
        StreamEvent event = std::move(frame);
        stamp(event);
        if (!queue_.push(event, weight, 1000ms)) {
            ++counters_.lost_overload;
            queue_.push_always(loss);
        }
    }
}

bool EventGate::wait_and_take(StreamEvent event, std::stop_token const& stop) {
    stamp(event);
    std::size_t const weight = weight_of(event);
    while (!stop.stop_requested() && !queue_.closed()) {
        if (queue_.push(event, weight, 100ms)) return true;
    }
    return false;
}

void EventGate::refuse(DecodeFault fault, std::string const& what) {
    ++counter_of(counters_, fault);
    StreamEvent event = BadMessage{fault, what};
    std::size_t const weight = weight_of(event);
    queue_.push(event, weight, 0ms); // counted it is; in a full queue its sentence would only take the place of a frame
}

} // namespace sqd
