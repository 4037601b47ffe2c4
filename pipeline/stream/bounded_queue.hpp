// A queue between two threads, bounded in bytes, closable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace sqd {

/// First in, first out. The bound is on the sum of the weights pushed; a single item heavier than the bound is taken when the
/// queue is empty. Overflow policy: push() waits for room as long as it is told and then says no; the caller counts what it could
/// not place.
template <class T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t max_weight) : max_weight_(max_weight) {}

    /// False when still full after `patience`, or closed; then `item` is untouched.
    bool push(T& item, std::size_t weight, std::chrono::milliseconds patience) {
        {
            std::unique_lock lock(mutex_);
            auto const has_room = [&] { return items_.empty() || weight_ + weight <= max_weight_; };
            if (!room_.wait_for(lock, patience, [&] { return closed_ || has_room(); }) || closed_) return false;
            put(std::move(item), weight);
        }
        ready_.notify_one();
        return true;
    }

    /// Takes small items whatever the weight of the queue (ends of series, notes of loss). False when closed.
    bool push_always(T item) {
        {
            std::lock_guard lock(mutex_);
            if (closed_) return false;
            put(std::move(item), 0);
        }
        ready_.notify_one();
        return true;
    }

    /// Next item; nullopt after `timeout`, or at once when closed and empty.
    std::optional<T> pop(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, timeout, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        auto [item, weight] = std::move(items_.front());
        items_.pop_front();
        weight_ -= weight;
        lock.unlock();
        room_.notify_one();
        return std::move(item);
    }

    /// No more pushes; what is queued can still be popped.
    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
        room_.notify_all();
    }

    bool closed() const {
        std::lock_guard lock(mutex_);
        return closed_;
    }
    bool drained() const {
        std::lock_guard lock(mutex_);
        return closed_ && items_.empty();
    }
    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return items_.size();
    }
    std::size_t weight() const {
        std::lock_guard lock(mutex_);
        return weight_;
    }
    /// Largest weight seen.
    std::size_t high_water() const {
        std::lock_guard lock(mutex_);
        return high_water_;
    }
    std::size_t max_weight() const { return max_weight_; }

private:
    void put(T&& item, std::size_t weight) {
        items_.emplace_back(std::move(item), weight);
        weight_ += weight;
        if (weight_ > high_water_) high_water_ = weight_;
    }

    mutable std::mutex mutex_;
    std::condition_variable ready_, room_;
    std::deque<std::pair<T, std::size_t>> items_;
    std::size_t max_weight_, weight_ = 0, high_water_ = 0;
    bool closed_ = false;
};

} // namespace sqd
