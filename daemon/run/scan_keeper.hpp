// What the next start of the program needs of this one: states of the running series, backgrounds, the dark.
#pragma once

#include "daemon/journal/checkpoint_files.hpp"
#include "daemon/journal/kept_scans.hpp"
#include "daemon/journal/series_codec.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace sqd {

struct KeeperSurroundings {
    std::filesystem::path directory; ///< that of the journal
    std::string version;             ///< of the program
    std::string conditions;          ///< of kept scans
    double checkpoint_s;             ///< a state that takes longer to write is an alarm
    AlarmBoard& alarms;              ///< "checkpoint"
    Counters& counters;
    Clock const& clock;
};

/// A thread of its own writes: a slow or full disk delays the next checkpoint and is an alarm, and nothing else. From any thread.
class ScanKeeper {
public:
    /// Reads what an earlier start left.
    explicit ScanKeeper(KeeperSurroundings surroundings);
    /// Kept scans that wait are written first, a checkpoint is not.
    ~ScanKeeper();

    std::vector<SealedContent> checkpoints() const { return files_.read(); }
    /// What was kept before, to be taken once.
    KeptScans take_kept() { return std::move(found_); }

    /// Returns at once. A state that waits still is let go for this one.
    void checkpoint(SeriesState state);
    /// Returns when it is on disk, or after a second, or at once where too many wait; then the alarm says that a restart may not know it.
    /// Those of the ids that are forgotten are taken from the disk after that.
    void keep(StoredBackground background, std::vector<std::string> forgotten = {});
    void keep(StoredDark dark);

private:
    using Kept = std::variant<StoredBackground, StoredDark>;
    struct Item {
        Kept scan;
        std::vector<std::string> forgotten;
        std::promise<void> written;
    };
    void post(Kept scan, std::vector<std::string> forgotten);
    void run();
    void write_checkpoint(SeriesState const& state);
    /// Whether `write` went well; else the alarm says why.
    bool guarded(std::function<void()> const& write);

    KeeperSurroundings with_;
    CheckpointFiles files_;
    KeptScanFiles kept_files_;
    KeptScans found_;
    std::mutex mutex_; ///< of what follows
    std::condition_variable news_;
    std::optional<SeriesState> state_;
    std::deque<Item> kept_;
    bool closing_ = false;
    std::thread thread_;
};

} // namespace sqd
