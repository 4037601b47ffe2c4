// The archive's thread: a slow disk delays saving, never the reduction.
#pragma once

#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/result_sink.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

namespace sqd {

/// Hands results to a sink on a thread of its own. At most `max_waiting` wait; beyond that a result is not saved, with an alarm.
class ArchiveWriter {
public:
    ArchiveWriter(std::unique_ptr<ResultSink> sink, AlarmBoard& alarms, Counters& counters, Clock const& clock,
                  std::size_t max_waiting = 64);
    /// Writes what waits, then ends.
    ~ArchiveWriter();

    /// True when the result is on disk within `patience`. Otherwise it is still being written, or failed; an alarm says so.
    bool write(std::shared_ptr<ReducedResult const> result, std::chrono::milliseconds patience);

private:
    struct Item {
        std::shared_ptr<ReducedResult const> result;
        std::promise<bool> saved;
    };
    void run();
    bool save(ReducedResult const& result);

    std::unique_ptr<ResultSink> sink_;
    AlarmBoard& alarms_;
    Counters& counters_;
    Clock const& clock_;
    std::size_t max_waiting_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Item> waiting_;
    bool closing_ = false;
    std::thread thread_;
};

} // namespace sqd
