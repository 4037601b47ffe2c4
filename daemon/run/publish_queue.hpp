// Results on their way to the thread that publishes them: finals wait, partials give way.
#pragma once

#include "daemon/journal/scan_records.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <variant>

namespace sqd {

/// Bounded in bytes and in number. Pushed to from several threads, those of one go out in its order.
class PublishQueue {
public:
    using Item = std::variant<Messages, SeriesNotice>; ///< of a result, or a notice whose message is still to be made
    enum class Pushed { waits, instead, lost };        ///< instead: older partials had to give way

    explicit PublishQueue(std::size_t max_bytes = 128 << 20, std::size_t max_items = 4096) : max_bytes_(max_bytes), max_items_(max_items) {}

    /// Where there is no room, partials that wait give way, the oldest first; a final then waits as long as `patience`. Messages are
    /// numbered by now: what gives way is a gap that clients see.
    Pushed push(Item item, std::chrono::milliseconds patience);
    std::optional<Item> pop();
    std::size_t bytes() const;

private:
    struct Waiting {
        Item item;
        std::size_t bytes;
    };
    bool drop_partial();

    std::size_t max_bytes_, max_items_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::deque<Waiting> waiting_;
    std::size_t bytes_ = 0;
};

} // namespace sqd
