// Where series begin and end when nobody says so, or says it in another order.
#include "detectors/pilatus_stream/series_counter.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <string>

namespace sqd::pilatus_stream {

namespace {

using Number = std::optional<std::uint64_t>;

constexpr std::uint64_t message_window = 1000; ///< more messages are not under way at once: a deeper fall is a sender that started again

/// True where message number `a` was sent before `b`, by the same run of the sender.
bool before(Number a, Number b) {
    return a && b && *a < *b && *b - *a <= message_window;
}

} // namespace

void SeriesCounter::open() {
    ++running_;
    before_seen_ = seen_;
    seen_ = true;
    ended_ = false;
    header_message_.reset();
    end_message_.reset();
    first_image_message_.reset();
}

void SeriesCounter::count_from_here() {
    reset_.restart();
    latest_message_.reset();
    latest_frame_.reset();
}

std::uint64_t SeriesCounter::header(Number message) {
    bool const is_late = !ended_ && !header_message_ && before(message, first_image_message_);
    if (!is_late) {
        open();
        count_from_here();
    }
    header_message_ = message;
    return running_;
}

/// True where an image cannot be of the running series, though nobody ended that: in the order of sending, frame numbers only go up.
bool SeriesCounter::begins_anew(Number message, Number frame) {
    if (!message) {
        if (!frame) return false;
        if (frame != repeated_frame_) ++content_;
        repeated_frame_ = frame;
        return reset_(*frame, content_);
    }
    bool const sender_started_again = latest_message_ && *message < *latest_message_ && !before(message, latest_message_);
    bool const newest = !latest_message_ || *message > *latest_message_ || sender_started_again;
    bool const anew = newest && frame && latest_frame_ && (*frame <= *latest_frame_ || sender_started_again);
    if (newest) latest_message_ = message;
    if (newest && frame) latest_frame_ = frame;
    return anew;
}

SeriesCounter::Place SeriesCounter::image(Number message, Number frame) {
    if (before(message, header_message_)) {
        if (!before_seen_)
            throw DecodeError(DecodeFault::mismatch, "image with message number " + std::to_string(*message) +
                                                         " (its series was over before the first header that was received)");
        return {running_ - 1, true};
    }
    if (before(message, end_message_)) return {running_, true};
    if (ended_) {
        open(); // its header is lost, or none was sent
        count_from_here();
    }
    if (begins_anew(message, frame)) open();
    seen_ = true;
    if (!header_message_ && message) first_image_message_ = std::min(first_image_message_.value_or(*message), *message);
    return {running_, false};
}

SeriesEnd SeriesCounter::end(Number message) {
    if (before(message, header_message_) && running_ > 0) return {{running_ - 1, ""}, false};
    bool const repeated = ended_;
    ended_ = true;
    if (!repeated) end_message_ = message;
    return {{running_, ""}, !repeated};
}

} // namespace sqd::pilatus_stream
