#include "daemon/simulate/frame_ring.hpp"

#include <utility>

namespace sqd::simulated {

FrameRing::FrameRing(std::uint64_t frames, std::function<SharedMessage(std::uint64_t)> prepare, unsigned workers, std::size_t depth)
    : prepare_(std::move(prepare)), frames_(frames), depth_(depth) {
    for (unsigned i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

FrameRing::~FrameRing() {
    {
        std::scoped_lock const lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
}

void FrameRing::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stop_ || next_to_prepare_ == frames_ || next_to_prepare_ < next_to_give_ + depth_; });
        if (stop_ || next_to_prepare_ == frames_) return;
        auto const frame = next_to_prepare_++;
        lock.unlock();
        SharedMessage message;
        std::exception_ptr failure;
        try {
            message = prepare_(frame);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        if (failure) failure_ = failure;
        ready_.emplace(frame, std::move(message));
        changed_.notify_all();
    }
}

SharedMessage FrameRing::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return failure_ || ready_.contains(next_to_give_); });
    if (failure_) std::rethrow_exception(failure_);
    auto message = std::move(ready_.extract(next_to_give_++).mapped());
    changed_.notify_all();
    return message;
}

} // namespace sqd::simulated
