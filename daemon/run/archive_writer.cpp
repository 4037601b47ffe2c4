#include "daemon/run/archive_writer.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace sqd {

namespace {

/// Every one is logged: results to save are rare, and which was lost must be known.
void log_unsaved(ReducedResult const& result, char const* why) {
    spdlog::error("archive: scan '{}' ({}) is not saved: {}", result.scan.id, result.scan.uid, why);
}

} // namespace

ArchiveWriter::ArchiveWriter(std::unique_ptr<ResultSink> sink, AlarmBoard& alarms, Counters& counters, Clock const& clock,
                             std::size_t max_waiting)
    : sink_(std::move(sink)), alarms_(alarms), counters_(counters), clock_(clock), max_waiting_(max_waiting), thread_([this] { run(); }) {}

ArchiveWriter::~ArchiveWriter() {
    {
        std::lock_guard lock(mutex_);
        closing_ = true;
    }
    ready_.notify_all();
    thread_.join();
}

bool ArchiveWriter::write(std::shared_ptr<ReducedResult const> result, std::chrono::milliseconds patience) {
    std::future<bool> saved;
    {
        std::lock_guard lock(mutex_);
        if (waiting_.size() >= max_waiting_) {
            ++counters_.archive_failures;
            log_unsaved(*result, "too many results wait for the disk");
            alarms_.raise("archive", "results are not saved (the archive's disk does not keep up) look at the disk", clock_.utc_ns());
            return false;
        }
        waiting_.push_back({std::move(result), {}});
        saved = waiting_.back().saved.get_future();
    }
    ready_.notify_one();
    if (saved.wait_for(patience) == std::future_status::ready) return saved.get();
    alarms_.raise("archive", "a result is not saved yet (the archive's disk is slow)", clock_.utc_ns());
    return false;
}

void ArchiveWriter::run() {
    for (;;) {
        Item item;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            item = std::move(waiting_.front());
            waiting_.pop_front();
        }
        item.saved.set_value(save(*item.result));
    }
}

bool ArchiveWriter::save(ReducedResult const& result) {
    try {
        sink_->write(result);
        ++counters_.results_archived;
        alarms_.clear("archive");
        return true;
    } catch (std::exception const& error) { // a disk, a library: whatever it was, the stream goes on and the alarm says it
        ++counters_.archive_failures;
        alarms_.raise("archive", error.what(), clock_.utc_ns());
        log_unsaved(result, error.what());
        return false;
    }
}

} // namespace sqd
