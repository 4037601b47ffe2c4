// Threads that run the loops of the mathematics.
#pragma once

#include "pipeline/core/parallel.hpp"

#include <cstddef>
#include <memory>

namespace sqd {

/// `workers` threads in all, the calling one among them. parallel_for() is for one caller at a time.
class WorkerPool {
public:
    explicit WorkerPool(std::size_t workers);
    ~WorkerPool();
    WorkerPool(WorkerPool const&) = delete;
    WorkerPool& operator=(WorkerPool const&) = delete;

    std::size_t slots() const;
    /// The loop that spreads over the pool; valid as long as the pool lives.
    ParallelFor parallel_for();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace sqd
