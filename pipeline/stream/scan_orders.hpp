// What control asks of the scan that runs, on its way to the processing.
#pragma once

#include "pipeline/core/scan.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace sqd {

/// A scan that was begun by control: all series until its end are one.
struct OpenScan {
    std::string uid;
    ScanAnnouncement said;
    std::string request = {}; ///< UUID of the command, empty = it had none: repeated, it gets the same answer
    bool kept = false;        ///< begun before a restart
};

struct ScanOrder {
    enum class What {
        begin, ///< the next series opens `scan`
        end,   ///< what runs is final as it stands
        abort, ///< what runs is aborted
        reset  ///< a series that cannot be reduced ends, and the fault with it
    } what;
    OpenScan scan = {}; ///< of begin
};

/// Orders are obeyed in turn, each after the events that were received before it was given: what a detector sent before `end` is in.
/// One thread gives them, one obeys.
class ScanOrders {
public:
    static constexpr std::size_t most_waiting = 64;

    /// Control: to be obeyed once `events` of the queue have been worked off. True when that was done within `patience`; otherwise it
    /// still will be, unless most_waiting orders wait already (nullopt).
    std::optional<bool> give(ScanOrder order, std::uint64_t events, std::chrono::milliseconds patience);

    /// Processing: the next order, if it is due once `events` have been worked off; to be followed by obeyed().
    std::optional<ScanOrder> take(std::uint64_t events);
    void obeyed();

private:
    struct Waiting {
        ScanOrder order;
        std::uint64_t events;
    };
    std::mutex mutex_;
    std::condition_variable done_;
    std::deque<Waiting> waiting_;
    std::atomic<std::size_t> count_{0}; ///< of those waiting: the processing asks after every event, without the lock
    std::uint64_t given_ = 0, obeyed_ = 0;
};

} // namespace sqd
