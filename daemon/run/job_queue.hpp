// Jobs between processing and reduction: every final is kept, of partials only the newest.
#pragma once

#include "pipeline/stream/reduction_job.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace sqd {

/// Bounded in number and bytes: one partial, and finals that arrive at the pace of scans. While there is no room for a final, push()
/// waits with it, and the stream behind. The reduction is slower than the partials when it must be; it never lags behind.
class JobQueue {
public:
    static constexpr std::size_t max_waiting = 64;
    static constexpr std::size_t usual_bytes = std::size_t{512} << 20;

    /// A job alone may have more than `max_bytes`.
    explicit JobQueue(std::size_t max_bytes = usual_bytes) : max_bytes_(max_bytes) {}

    /// A partial replaces the one that waits, or is let go where there is no room; a final drops it. Once closed, nothing is taken.
    /// `still_waiting` is called every second that a final waits.
    void push(ReductionJob job, std::function<void()> const& still_waiting = {}) {
        std::size_t const bytes = bytes_of(job);
        {
            std::unique_lock lock(mutex_);
            drop_partials();
            auto const room = [&] { return jobs_.empty() || (jobs_.size() < max_waiting && bytes_ + bytes <= max_bytes_); };
            if (job.state == ResultState::partial && !room()) return;
            while (!room_.wait_for(lock, std::chrono::seconds(1), [&] { return closed_ || room(); })) {
                lock.unlock();
                if (still_waiting) still_waiting();
                lock.lock();
            }
            if (closed_) return;
            bytes_ += bytes;
            jobs_.push_back({std::move(job), bytes});
        }
        ready_.notify_one();
    }
    std::optional<ReductionJob> pop(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, timeout, [this] { return closed_ || !jobs_.empty(); });
        if (jobs_.empty()) return std::nullopt;
        ReductionJob job = std::move(jobs_.front().job);
        bytes_ -= jobs_.front().bytes;
        jobs_.pop_front();
        room_.notify_one();
        return job;
    }
    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
        room_.notify_all();
    }
    bool drained() const {
        std::lock_guard lock(mutex_);
        return closed_ && jobs_.empty();
    }
    std::size_t bytes() const {
        std::lock_guard const lock(mutex_);
        return bytes_;
    }

private:
    struct Waiting {
        ReductionJob job;
        std::size_t bytes;
    };
    void drop_partials() {
        std::erase_if(jobs_, [this](Waiting const& waiting) {
            bool const partial = waiting.job.state == ResultState::partial;
            if (partial) bytes_ -= waiting.bytes;
            return partial;
        });
    }

    std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::condition_variable ready_, room_;
    std::deque<Waiting> jobs_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
};

} // namespace sqd
