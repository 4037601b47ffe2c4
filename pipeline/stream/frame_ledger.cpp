#include "pipeline/stream/frame_ledger.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sqd {

FrameLedger::FrameLedger(LedgerEntries entries)
    : came_(std::move(entries.came)), seen_(static_cast<std::uint64_t>(std::count(came_.begin(), came_.end(), true))),
      duplicates_(entries.duplicates), accepted_(entries.accepted), rejections_(std::move(entries.rejections)) {
    auto const last = std::find(came_.rbegin(), came_.rend(), true);
    highest_plus_one_ = static_cast<std::uint64_t>(came_.rend() - last);
    for (auto const& frame : rejections_) ++rejected_by_[frame.reason];
    bool const named =
        std::all_of(rejections_.begin(), rejections_.end(), [this](RejectedFrame const& frame) { return came(frame.number); });
    if (came_.size() > max_frame_number || !named || accepted_ > seen_ || rejections_.size() > seen_ - accepted_)
        throw DataError("books of a series that cannot be (more frames are counted than came)");
}

FrameLedger::Entry FrameLedger::enter(std::uint64_t number) {
    if (number >= max_frame_number) return Entry::out_of_range;
    if (number >= came_.size()) came_.resize(number + 1, false);
    if (came_[number]) {
        ++duplicates_;
        return Entry::duplicate;
    }
    came_[number] = true;
    ++seen_;
    highest_plus_one_ = std::max(highest_plus_one_, number + 1);
    return Entry::fresh;
}

void FrameLedger::shift(std::uint64_t first, std::uint64_t by) {
    if (highest_plus_one_ <= first) return;
    came_.insert(came_.begin() + static_cast<std::ptrdiff_t>(first), by, false);
    highest_plus_one_ += by;
    for (auto& frame : rejections_)
        if (frame.number >= first) frame.number += by;
}

void FrameLedger::rejected(std::uint64_t number, std::string const& reason) {
    ++rejected_by_[reason];
    rejections_.push_back({number, reason});
}

void FrameLedger::taken_back(std::uint64_t number, std::string const& reason) {
    --accepted_;
    rejected(number, reason);
}

FrameAccounting FrameLedger::account(std::uint64_t expected, bool ended) const {
    constexpr std::size_t max_ranges = 64;
    FrameAccounting out;
    out.expected = std::max(expected, highest_plus_one_);
    out.received = seen_ + duplicates_;
    out.duplicate = duplicates_;
    out.rejected_by = rejected_by_;
    for (auto const& [reason, count] : rejected_by_) out.rejected += count;
    out.used = accepted_;
    std::uint64_t const horizon = ended ? out.expected : highest_plus_one_;
    for (std::uint64_t number = 0; number < horizon;) {
        if (number < came_.size() && came_[number]) {
            ++number;
            continue;
        }
        std::uint64_t last = number;
        while (last + 1 < horizon && (last + 1 >= came_.size() || !came_[last + 1])) {
            if (last + 1 >= came_.size()) {
                last = horizon - 1;
                break;
            }
            ++last;
        }
        out.missing += last - number + 1;
        if (out.missing_ranges.size() < max_ranges)
            out.missing_ranges.emplace_back(number, last);
        else
            out.missing_ranges_truncated = true;
        number = last + 1;
    }
    // What was seen but is not yet in the sums (a batch that is still filling) counts as pending, like what has not come.
    out.pending = out.expected - out.used - out.rejected - out.missing;
    out.received -= seen_ - out.used - out.rejected;
    return out;
}

} // namespace sqd
