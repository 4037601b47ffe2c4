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

/// How control ended a scan: what a restart has to know until the scan's result is saved.
struct ScanEnd {
    std::string uid, id;
    std::string reason;       ///< as SeriesNotice has it: command, abort or reset
    std::uint64_t frames = 0; ///< one above the highest place of those that came: what a restart does not have of them is missing
    std::string request = {}; ///< UUID of the command, empty = it had none
};

struct ScanOrder {
    enum class What {
        begin, ///< the next series opens `scan`
        end,   ///< what runs is final as it stands
        abort, ///< what runs is aborted
        reset  ///< a series that cannot be reduced ends, and the fault with it
    } what;
    OpenScan scan = {};       ///< of begin
    std::string request = {}; ///< of the others: UUID of the command, empty = it had none
};

/// What became of an order.
enum class Obeyed {
    later,   ///< nothing yet: its turn comes
    now,     ///< done, and a restart may not know it
    durable, ///< done, and a restart knows it
};

/// Orders are obeyed in turn, each after the events that were received before it was given: what a detector sent before `end` is in.
/// One thread gives them, one obeys.
class ScanOrders {
public:
    static constexpr std::size_t most_waiting = 64;

    /// Control: to be obeyed once `events` of the queue have been worked off. Obeyed::later when that was not done within `patience`: it
    /// still will be. nullopt: most_waiting orders wait already, and it will not.
    std::optional<Obeyed> give(ScanOrder order, std::uint64_t events, std::chrono::milliseconds patience);

    /// Processing: the next order, if it is due once `events` have been worked off; to be followed by obeyed().
    std::optional<ScanOrder> take(std::uint64_t events);
    /// `durable`: a restart knows what was done.
    void obeyed(bool durable);

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
    bool durable_ = false; ///< the last that was obeyed
};

} // namespace sqd
