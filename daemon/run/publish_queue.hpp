// Results on their way to the thread that publishes them: finals wait, partials are replaced by newer ones.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

namespace sqd {

/// Memory that the messages of a result take, in bytes; roughly.
std::size_t published_bytes(ReducedResult const& result);

/// Bounded in bytes and in number. Pushed to from several threads, those of one go out in its order.
class PublishQueue {
public:
    using Item = std::variant<std::shared_ptr<ReducedResult const>, SeriesNotice>;
    enum class Pushed { waits, replaced, lost }; ///< replaced: it waits, an older partial does not any more

    explicit PublishQueue(std::size_t max_bytes = 128 << 20, std::size_t max_items = 4096)
        : max_bytes_(max_bytes), max_items_(max_items) {}

    /// A final waits for room as long as `patience`; a partial and a notice do not wait.
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
