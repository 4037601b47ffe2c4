// Jobs between processing and reduction: every final is kept, of partials only the newest.
#pragma once

#include "pipeline/stream/reduction_job.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace sqd {

/// Bounded: one partial, and finals that arrive at the pace of scans; while `max_waiting` jobs wait, push() waits with them, and
/// the stream behind. The reduction is slower than the partials when it must be; it never lags behind.
class JobQueue {
public:
    static constexpr std::size_t max_waiting = 64;

    /// A partial replaces the one that waits; a final drops it. Once closed, nothing is taken.
    void push(ReductionJob job) {
        {
            std::unique_lock lock(mutex_);
            std::erase_if(jobs_, [](ReductionJob const& waiting) { return waiting.state == ResultState::partial; });
            room_.wait(lock, [this] { return closed_ || jobs_.size() < max_waiting; });
            if (closed_) return;
            jobs_.push_back(std::move(job));
        }
        ready_.notify_one();
    }
    std::optional<ReductionJob> pop(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, timeout, [this] { return closed_ || !jobs_.empty(); });
        if (jobs_.empty()) return std::nullopt;
        ReductionJob job = std::move(jobs_.front());
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

private:
    mutable std::mutex mutex_;
    std::condition_variable ready_, room_;
    std::deque<ReductionJob> jobs_;
    bool closed_ = false;
};

} // namespace sqd
