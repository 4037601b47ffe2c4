// What survives a crash: finals into the journal, then into the archive, whatever the disks do.
#pragma once

#include "config/config.hpp"
#include "daemon/archive/nexus_archive.hpp"
#include "daemon/journal/checkpoint_files.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/scan_records.hpp"
#include "daemon/journal/segment_ledger.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace sqd {

/// They outlive the saver.
struct SaverSurroundings {
    ServiceConfig const& config;
    Journal& journal;
    NexusArchive& archive;
    AlarmBoard& alarms; ///< "journal", "archive", "disk"; "results_lost" until somebody acknowledges it
    Counters& counters;
    Clock const& clock;
    std::function<void()> alive = {}; ///< each turn of the archive's thread, some five a second; may be empty
};

/// Two threads, one for each disk, and what waits for them, bounded in bytes. A final that neither disk takes stays in memory and is tried
/// again; one that the journal has is safe there. Nobody waits for a disk longer than save()'s patience.
class FinalSaver {
public:
    static constexpr std::uint64_t usual_bound = std::uint64_t{512} << 20; ///< of what waits in memory [bytes]

    /// Finals of `contents` that the archive does not have are written to it.
    FinalSaver(SaverSurroundings const& surroundings, JournalContents const& contents, std::uint64_t most_waiting = usual_bound);
    ~FinalSaver();

    void start();
    /// Tries all that waits once more, then ends; what the journal has comes to the archive at the next start.
    void finish();

    /// True when the final is in the journal, or in the archive where the journal fails: then the archive has it after kill -9 at any
    /// moment. False when that was not so within `patience`; an alarm says why, and it is tried again. From one thread; it waits for a disk
    /// that hangs once, and for the finals behind that one not at all.
    bool save(FinalRecord final, std::chrono::milliseconds patience);
    /// Returns when the journal has it, so that nobody hears of a scan that a crash would make forgotten; after `patience` whatever the
    /// disk does, and at once while an earlier one is not written yet. From one thread.
    /// Whether it has. `announcement`: id of what the scan took from the board, empty = nothing.
    bool scan_started(std::string uid, std::vector<std::byte> state, std::chrono::milliseconds patience, std::string announcement = "");
    /// The same of control's word that a scan ends; from the same thread.
    bool scan_ended(ScanEnd end, std::chrono::milliseconds patience);
    /// Returns at once.
    void scan_closed(std::string uid);
    /// What the next start is to know beside the journal, in place of what was kept before and after the records that were handed in
    /// before. Returns at once; the future says whether it is on disk.
    std::shared_future<bool> keep_choices(std::vector<std::byte> choices);
    /// What an earlier start kept, newest first.
    std::vector<SealedContent> choices_before() const { return choices_.read(); }

    // What the threads do, step by step.
    /// Writes what has waited longest for the journal; false when nothing did.
    bool journal_next();
    /// Tries what is due for the archive.
    void archive_due();
    /// Every ten seconds: free space, and segments that are not needed any more.
    void look_after_disks();

private:
    struct Waiting {
        FinalRecord final;
        std::uint64_t bytes = 0;          ///< in memory
        std::optional<RecordPlace> place; ///< in the journal
        bool journal_tried = false;       ///< since the archive was
        std::optional<std::promise<bool>> answer;
        double next_try_s = 0;
        int failures = 0; ///< of the archive
    };
    struct ScanStart {
        std::string uid;
        std::vector<std::byte> state;
        std::string announcement;
        std::promise<bool> written = {};
    };
    struct ScanEnded {
        ScanEnd end;
        std::promise<bool> written = {};
    };
    struct Choices {
        std::vector<std::byte> bytes;
        std::promise<bool> written = {};
    };
    struct ScanClosed {
        std::string uid;
    };
    using Item = std::variant<Waiting, ScanStart, ScanEnded, ScanClosed, Choices, ResultKey>;

    static std::uint64_t bytes_of(Item const& item);
    bool post(Item item);
    template <class Told>
    bool tell(Told told, std::chrono::milliseconds patience);
    void write(Waiting& waiting);
    void write(ScanStart& start);
    void write(ScanEnded& ended);
    void write(ScanClosed& closed);
    void write(Choices& choices);
    void write(ResultKey& archived);
    void wrote(RecordPlace const& place);
    void hand_to_archive(Waiting waiting);
    std::optional<Waiting> take_waiting(double due_s);
    void try_archive(Waiting waiting);
    void archived(Waiting& waiting);
    void not_archived(Waiting waiting, char const* why);
    void lose(Waiting& waiting, std::string const& why);
    void remove_old_segments();
    void run_journal(std::stop_token const& stop);
    void run_archive(std::stop_token const& stop);

    SaverSurroundings with_;
    std::uint64_t most_waiting_;
    CheckpointFiles choices_; ///< the journal's thread alone writes
    std::mutex mutex_;        ///< of all that follows but the threads
    std::condition_variable_any journal_ready_, archive_ready_;
    std::deque<Item> to_journal_;
    std::list<Waiting> to_archive_;
    bool fresh_ = false;     ///< something came for the archive
    std::uint64_t held_ = 0; ///< in memory, of both [bytes]
    SegmentLedger ledger_;
    double next_look_s_ = 0;
    std::shared_future<bool> overdue_;      ///< of the last final that took longer than the patience; save() alone uses it
    std::shared_future<bool> told_overdue_; ///< the same of scan_started() and scan_ended()
    std::jthread journal_thread_, archive_thread_;
};

} // namespace sqd
