// Which segments of the journal are still needed.
#pragma once

#include "daemon/journal/scan_records.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sqd {

/// How much of what the archive has, too, is kept.
struct Retention {
    std::int64_t oldest_ns = 0;   ///< segments last written before go
    std::uint64_t most_bytes = 0; ///< of all segments; beyond it the oldest go
};

/// A segment is needed while it holds a final that is not in the archive or the start of a scan that is not over. Not thread-safe.
class SegmentLedger {
public:
    SegmentLedger() = default;
    SegmentLedger(std::vector<FoundSegment> const& found, JournalContents const& contents);

    void wrote(RecordPlace const& place, std::int64_t utc_ns);
    void started(std::string const& uid, std::uint32_t segment) { open_[uid] = segment; }
    void closed(std::string const& uid) { open_.erase(uid); }
    void keeps(ResultKey const& key, std::uint32_t segment);
    void archived(ResultKey const& key) { waiting_.erase(key); }

    /// Those that may go, oldest first, up to the first that is needed or is still being written: an `archived` in a later segment
    /// speaks of finals in an earlier one. They are forgotten here.
    std::vector<std::uint32_t> take_removable(Retention const& retention, std::uint32_t being_written);
    std::uint64_t bytes() const;

private:
    struct Segment {
        std::uint64_t bytes = 0;
        std::int64_t written_ns = 0;
    };
    bool is_needed(std::uint32_t segment) const;

    std::map<std::uint32_t, Segment> segments_;
    std::map<std::string, std::uint32_t> open_;
    std::map<ResultKey, std::vector<std::uint32_t>> waiting_; ///< a final that was written again is in two
};

} // namespace sqd
