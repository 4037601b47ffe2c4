// A queue from one thread to one other, bounded in bytes and in number, closable; no lock while neither waits for the other.
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace sqd {

/// First in, first out; one thread pushes, one pops, any closes or looks. The bounds are on the sum of the weights pushed and on the
/// number of items; a single item heavier than the bound is taken when the queue is empty. Overflow policy: push() waits for room as
/// long as it is told and then says no; the caller counts what it could not place.
///
/// A ring of slots: who pushes owns those behind `popped_`, who pops those before `pushed_`. Each goes to sleep only after it has said so
/// and looked once more, and the other looks for sleepers after each move: with all of these sequentially consistent, one of the two sees.
template <class T>
class BoundedQueue {
public:
    static constexpr std::size_t default_items = 16384;

    explicit BoundedQueue(std::size_t max_weight, std::size_t max_items = default_items)
        : max_weight_(max_weight), slots_(std::bit_ceil(max_items)) {}

    /// False when still full after `patience`, or closed; then `item` is untouched.
    bool push(T& item, std::size_t weight, std::chrono::milliseconds patience) {
        auto const has_room = [&] { return has_slot() && (size() == 0 || weight_ + weight <= max_weight_); };
        if (!has_room() && !sleep(pusher_sleeps_, has_room, [&](auto& lock, auto const& done) { room_.wait_for(lock, patience, done); }))
            return false;
        return put(std::move(item), weight);
    }

    /// Takes small items whatever the weight of the queue (ends of series, notes of loss); waits for a slot. False when closed.
    bool push_always(T item) {
        auto const has_room = [this] { return has_slot(); };
        if (!has_room() && !sleep(pusher_sleeps_, has_room, [&](auto& lock, auto const& done) { room_.wait(lock, done); })) return false;
        return put(std::move(item), 0);
    }

    /// Next item; nullopt after `timeout`, or at once when closed and empty.
    std::optional<T> pop(std::chrono::milliseconds timeout) {
        auto const has_item = [this] { return size() != 0; };
        if (!has_item() && !sleep(popper_sleeps_, has_item, [&](auto& lock, auto const& done) { ready_.wait_for(lock, timeout, done); }))
            return std::nullopt;
        std::uint64_t const at = popped_.load(std::memory_order_relaxed);
        Slot& slot = slots_[at & (slots_.size() - 1)];
        std::optional<T> item = std::exchange(slot.item, std::nullopt);
        weight_ -= slot.weight;
        popped_ = at + 1;
        wake(pusher_sleeps_, room_);
        return item;
    }

    /// No more pushes; what is queued can still be popped. A push under way in another thread may still land: close from the thread that
    /// pushes, or when it has ended, or when nobody pops any more.
    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
        room_.notify_all();
    }

    bool closed() const { return closed_; }
    bool drained() const { return closed_ && size() == 0; }
    std::size_t size() const { return pushed_ - popped_; }
    /// Since the start.
    std::uint64_t pushed() const { return pushed_; }
    std::uint64_t popped() const { return popped_; }
    std::size_t weight() const { return weight_; }
    /// Largest weight seen.
    std::size_t high_water() const { return high_water_; }
    std::size_t max_weight() const { return max_weight_; }

private:
    struct Slot {
        std::optional<T> item;
        std::size_t weight = 0;
    };

    bool has_slot() const { return size() < slots_.size(); }

    bool put(T&& item, std::size_t weight) {
        if (closed_) return false;
        std::uint64_t const at = pushed_.load(std::memory_order_relaxed);
        Slot& slot = slots_[at & (slots_.size() - 1)];
        slot.item = std::move(item);
        slot.weight = weight;
        std::size_t const now = weight_ += weight;
        if (now > high_water_) high_water_ = now;
        pushed_ = at + 1;
        wake(popper_sleeps_, ready_);
        return true;
    }

    /// Waits as `wait` does; true when there is what it waited for.
    template <class Condition, class Wait>
    bool sleep(std::atomic<bool>& asleep, Condition const& there, Wait const& wait) {
        std::unique_lock lock(mutex_);
        asleep = true;
        wait(lock, [&] { return closed_ || there(); });
        asleep = false;
        return there();
    }

    void wake(std::atomic<bool> const& asleep, std::condition_variable& sleeper) {
        if (!asleep) return;
        { std::lock_guard lock(mutex_); } // it is either asleep by now, or will look again
        sleeper.notify_one();
    }

    std::size_t max_weight_;
    std::vector<Slot> slots_;
    alignas(64) std::atomic<std::uint64_t> pushed_{0};
    alignas(64) std::atomic<std::uint64_t> popped_{0};
    alignas(64) std::atomic<std::size_t> weight_{0};
    std::atomic<std::size_t> high_water_{0};
    std::atomic<bool> closed_{false}, pusher_sleeps_{false}, popper_sleeps_{false};
    std::mutex mutex_;
    std::condition_variable ready_, room_;
};

} // namespace sqd
