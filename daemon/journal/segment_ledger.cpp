#include "daemon/journal/segment_ledger.hpp"

#include <algorithm>

namespace sqd {

SegmentLedger::SegmentLedger(std::vector<FoundSegment> const& found, JournalContents const& contents) {
    for (auto const& segment : found) segments_[segment.number] = {segment.bytes, segment.written_ns};
    for (auto const& final : contents.finals) {
        if (!final.archived) keeps(final.meta.key, final.place.segment);
    }
    for (auto const& [uid, segment] : contents.interrupted_in) started(uid, segment);
}

void SegmentLedger::wrote(RecordPlace const& place, std::int64_t utc_ns) {
    segments_[place.segment] = {place.record.end, utc_ns};
}

void SegmentLedger::keeps(ResultKey const& key, std::uint32_t segment) {
    closed(key.uid);
    waiting_[key].push_back(segment);
}

std::vector<std::uint32_t> SegmentLedger::take_removable(Retention const& retention, std::uint32_t being_written) {
    std::vector<std::uint32_t> out;
    std::uint64_t left = bytes();
    while (!segments_.empty()) {
        auto const [number, segment] = *segments_.begin();
        bool const goes = segment.written_ns < retention.oldest_ns || left > retention.most_bytes;
        if (!goes || number >= being_written || is_needed(number)) break;
        out.push_back(number);
        left -= segment.bytes;
        segments_.erase(segments_.begin());
    }
    return out;
}

std::uint64_t SegmentLedger::bytes() const {
    std::uint64_t sum = 0;
    for (auto const& [number, segment] : segments_) sum += segment.bytes;
    return sum;
}

bool SegmentLedger::is_needed(std::uint32_t segment) const {
    return std::any_of(open_.begin(), open_.end(), [&](auto const& scan) { return scan.second == segment; }) ||
           std::any_of(waiting_.begin(), waiting_.end(), [&](auto const& final) {
               return std::find(final.second.begin(), final.second.end(), segment) != final.second.end();
           });
}

} // namespace sqd
