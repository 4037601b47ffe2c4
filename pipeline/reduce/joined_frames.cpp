#include "pipeline/reduce/joined_frames.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

namespace sqd {

namespace {

using Deficits = std::vector<BinDeficit>;

/// Of one bin, over the frames of a point.
struct DeficitMean {
    double pixels = 0, norm = 0;
    BinDeficit least, most;
    std::size_t frames = 0;
};

/// Mean over the exposure. Where it is the same in all frames it is exactly that: a bin without a valid pixel has a norm of 0.
Deficits mean_deficits(FrameCounts const& point) {
    std::vector<double> seconds(point.deficit_lists.size() + 1);
    std::vector<std::size_t> frames(seconds.size());
    double all_s = 0;
    for (auto const& frame : point.joined) {
        seconds[frame.deficits] += frame.exposure_s;
        ++frames[frame.deficits];
        all_s += frame.exposure_s;
    }
    std::map<std::uint16_t, DeficitMean> means;
    for (std::size_t list = 1; list < seconds.size(); ++list) {
        double const part = all_s > 0 ? seconds[list] / all_s : 0;
        for (auto const& deficit : point.deficit_lists[list - 1]) {
            auto& mean = means.try_emplace(deficit.bin, DeficitMean{0, 0, deficit, deficit, 0}).first->second;
            mean.pixels += part * deficit.pixels;
            mean.norm += part * deficit.norm;
            mean.least = {deficit.bin, std::min(mean.least.pixels, deficit.pixels), std::min(mean.least.norm, deficit.norm)};
            mean.most = {deficit.bin, std::max(mean.most.pixels, deficit.pixels), std::max(mean.most.norm, deficit.norm)};
            mean.frames += frames[list];
        }
    }
    Deficits out;
    for (auto const& [bin, mean] : means) {
        auto const least = mean.frames == point.joined.size() ? mean.least : BinDeficit{bin, 0, 0};
        out.push_back({bin, std::clamp(mean.pixels, least.pixels, mean.most.pixels), std::clamp(mean.norm, least.norm, mean.most.norm)});
    }
    return out;
}

/// Appends the frames of `from`; lists that `to` has already are not kept again.
void append_frames(FrameCounts& to, FrameCounts const& from) {
    for_each_frame(from, [&to](JoinedFrame frame, std::span<BinDeficit const> deficits) {
        auto& lists = to.deficit_lists;
        frame.deficits = 0;
        if (!deficits.empty()) {
            auto const same =
                std::find_if(lists.rbegin(), lists.rend(), [deficits](Deficits const& list) { return std::ranges::equal(list, deficits); });
            frame.deficits = static_cast<std::uint32_t>(lists.rend() - same);
            if (same == lists.rend()) {
                lists.emplace_back(deficits.begin(), deficits.end());
                frame.deficits = static_cast<std::uint32_t>(lists.size());
            }
        }
        to.joined.push_back(frame);
    });
}

/// Frames by number, lists by the first frame that has them: a point is the same however it came about.
void put_in_order(FrameCounts& point) {
    std::ranges::sort(point.joined, {}, &JoinedFrame::number);
    std::vector<Deficits> lists;
    std::vector<std::uint32_t> place(point.deficit_lists.size() + 1);
    for (auto& frame : point.joined) {
        if (frame.deficits == 0) continue;
        if (place[frame.deficits] == 0) {
            lists.push_back(std::move(point.deficit_lists[frame.deficits - 1]));
            place[frame.deficits] = static_cast<std::uint32_t>(lists.size());
        }
        frame.deficits = place[frame.deficits];
    }
    point.deficit_lists = std::move(lists);
}

void add_counts(FrameCounts& out, FrameCounts const& a, FrameCounts const& b) {
    std::size_t const bins = a.counts.size();
    out.counts.resize(bins);
    for (std::size_t bin = 0; bin < bins; ++bin) {
        std::uint64_t const sum = counts_in(a, bin) + counts_in(b, bin);
        out.counts[bin] = static_cast<std::uint32_t>(sum);
        if (sum <= std::numeric_limits<std::uint32_t>::max()) continue;
        out.carries.resize(bins);
        out.carries[bin] = static_cast<std::uint32_t>(sum >> 32);
    }
}

template <class T, class Key>
bool ascending(std::vector<T> const& values, Key key) {
    return std::ranges::adjacent_find(values, std::ranges::greater_equal{}, key) == values.end();
}

bool on_bins(Deficits const& deficits, std::size_t bins) {
    return ascending(deficits, &BinDeficit::bin) && (deficits.empty() || deficits.back().bin < bins);
}

} // namespace

FrameCounts join(FrameCounts const& a, FrameCounts const& b) {
    assert(a.counts.size() == b.counts.size());
    FrameCounts out;
    add_counts(out, a, b);
    out.joined.reserve(frames_in(a) + frames_in(b));
    append_frames(out, a);
    append_frames(out, b);
    put_in_order(out);
    std::size_t entries = 0;
    for (auto const& list : out.deficit_lists) entries += list.size();
    if (entries > out.counts.size()) {
        out.deficit_lists = {mean_deficits(out)};
        for (auto& frame : out.joined) frame.deficits = 1;
    }
    summarise(out);
    return out;
}

void summarise(FrameCounts& point) {
    if (point.joined.empty()) return;
    point.number = point.joined.front().number;
    double exposure_s = 0, weight = 0;
    bool monitored = true;
    for (auto const& frame : point.joined) {
        exposure_s += frame.exposure_s;
        weight += frame.exposure_s * frame.monitor;
        monitored = monitored && frame.exposure_s * frame.monitor > 0;
    }
    point.exposure_s = exposure_s;
    point.monitor = monitored ? weight / exposure_s : 0;
    point.deficits = mean_deficits(point);
}

bool consistent(FrameCounts const& point, std::size_t bins) {
    bool const sized = point.counts.size() == bins && (point.carries.empty() || point.carries.size() == bins);
    bool const listed = std::ranges::all_of(point.joined, [&](JoinedFrame const& f) { return f.deficits <= point.deficit_lists.size(); });
    return sized && listed && point.joined.size() != 1 && ascending(point.joined, &JoinedFrame::number) && on_bins(point.deficits, bins) &&
           std::ranges::all_of(point.deficit_lists, [bins](Deficits const& list) { return on_bins(list, bins); });
}

} // namespace sqd
