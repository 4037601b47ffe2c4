#include "pipeline/stream/worker_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace sqd {

using Body = std::function<void(std::size_t, std::size_t, std::size_t)>;

struct WorkerPool::State {
    std::mutex mutex;
    std::condition_variable work, done;
    Body const* body = nullptr;
    std::size_t n = 0, generation = 0, running = 0, slots = 1;
    std::exception_ptr error;
    bool stopping = false;
    std::vector<std::thread> threads;

    void run_slot(std::size_t slot, Body const& f, std::size_t count) {
        std::size_t const ranges = std::min(slots, count); // none of them empty
        if (slot >= ranges) return;
        std::size_t const begin = count * slot / ranges, end = count * (slot + 1) / ranges;
        try {
            f(begin, end, slot);
        } catch (...) {
            std::lock_guard lock(mutex);
            if (!error) error = std::current_exception();
        }
    }

    void worker(std::size_t slot) {
        std::size_t seen = 0;
        for (;;) {
            std::unique_lock lock(mutex);
            work.wait(lock, [&] { return stopping || generation != seen; });
            if (stopping) return;
            seen = generation;
            Body const& f = *body;
            std::size_t const count = n;
            lock.unlock();
            run_slot(slot, f, count);
            lock.lock();
            if (--running == 0) done.notify_one();
        }
    }

    void loop(std::size_t count, Body const& f) {
        {
            std::lock_guard lock(mutex);
            body = &f;
            n = count;
            running = slots - 1;
            error = nullptr;
            ++generation;
        }
        work.notify_all();
        run_slot(0, f, count);
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return running == 0; });
        if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }
};

WorkerPool::WorkerPool(std::size_t workers) : state_(std::make_unique<State>()) {
    state_->slots = std::max<std::size_t>(1, workers);
    for (std::size_t slot = 1; slot < state_->slots; ++slot) {
        state_->threads.emplace_back([state = state_.get(), slot] { state->worker(slot); });
    }
}

WorkerPool::~WorkerPool() {
    {
        std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->work.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

std::size_t WorkerPool::slots() const {
    return state_->slots;
}

ParallelFor WorkerPool::parallel_for() {
    return [state = state_.get()](std::size_t n, Body const& body) { state->loop(n, body); };
}

} // namespace sqd
