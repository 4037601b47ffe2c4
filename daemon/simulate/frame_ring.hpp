// Frames prepared ahead by worker threads, handed out in order.
#pragma once

#include "detectors/simulated/message.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace sqd::simulated {

/// Prepares frames 0 .. frames-1 by calls of `prepare` from several threads. At most `depth` frames wait: workers then pause, none
/// is lost. Destruction stops the workers after their current frame.
class FrameRing {
public:
    FrameRing(std::uint64_t frames, std::function<SharedMessage(std::uint64_t)> prepare, unsigned workers, std::size_t depth);
    ~FrameRing();
    FrameRing(FrameRing const&) = delete;
    FrameRing& operator=(FrameRing const&) = delete;

    /// The next frame in order; waits for it. Throws what `prepare` threw. To be called at most `frames` times.
    SharedMessage next();

private:
    void work();

    std::function<SharedMessage(std::uint64_t)> prepare_;
    std::uint64_t frames_, next_to_prepare_ = 0, next_to_give_ = 0;
    std::size_t depth_;
    bool stop_ = false;
    std::map<std::uint64_t, SharedMessage> ready_;
    std::exception_ptr failure_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::jthread> workers_;
};

} // namespace sqd::simulated
