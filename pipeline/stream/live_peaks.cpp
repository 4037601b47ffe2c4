#include "pipeline/stream/live_peaks.hpp"

#include "pipeline/reduce/point_peaks.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace sqd {
namespace {

auto what_is_announced(Sample const& sample) {
    return std::tie(sample.composition, sample.density_g_cm3, sample.thickness_um, sample.transmission);
}

bool same(PeakBasis const& a, PeakBasis const& b) {
    return a.scan_uid == b.scan_uid && a.config_id == b.config_id && a.background_uid == b.background_uid && a.bins == b.bins &&
           what_is_announced(a.sample) == what_is_announced(b.sample);
}

/// Tells a point from its neighbours: some of its counts are enough for that, and its frames.
std::uint64_t stamp_of(FrameCounts const& point) {
    constexpr std::size_t step = 16;
    constexpr std::uint64_t prime = 0x100000001b3; // of FNV-1a
    std::uint64_t out = frames_in(point);
    for (std::size_t b = 0; b < point.counts.size(); b += step) out = (out ^ point.counts[b]) * prime;
    return out;
}

std::vector<std::uint64_t> numbers_of(FrameList const& points) {
    std::vector<std::uint64_t> out;
    out.reserve(points.size());
    for (auto const& point : points) out.push_back(point->number);
    std::ranges::sort(out);
    return out;
}

std::set<std::uint64_t> numbers_of(std::vector<RejectedFrame> const& rejected) {
    std::set<std::uint64_t> out;
    for (auto const& frame : rejected) out.insert(frame.number);
    return out;
}

} // namespace

void LivePeaks::take(PeakBasis basis) {
    if (!same(basis_, basis)) {
        fitted_.clear();
        mean_.clear();
    }
    basis_ = std::move(basis);
}

/// Whether what was fitted from an earlier mean is to be fitted again.
void LivePeaks::judge_mean(std::vector<std::uint64_t> kept) {
    constexpr std::size_t one_in = 50;
    std::vector<std::uint64_t> still;
    std::ranges::set_intersection(mean_, kept, std::back_inserter(still));
    bool const has_lost = (mean_.size() - still.size()) * one_in > mean_.size(), has_doubled = kept.size() >= 2 * mean_.size();
    if (!has_lost && !has_doubled) return;
    mean_ = std::move(kept);
    ++turn_;
}

/// Forgets fits of points that are no more, or have other counts than they had. One that is left out may count again: it stays.
void LivePeaks::keep_those_of(FrameList const& points) {
    PeakOf still;
    still.reserve(points.size());
    for (auto const& point : points) {
        auto const found = fitted_.find(point->number);
        if (found != fitted_.end() && found->second.stamp == stamp_of(*point)) still.insert(*found);
    }
    fitted_ = std::move(still);
}

/// New points, then those of an earlier mean, as many as the budget has time for.
void LivePeaks::fit_some(FrameList const& kept, ReducedCurves const& curves, ReductionConfig const& config) {
    FrameList due, again;
    for (auto const& point : kept) {
        auto const found = fitted_.find(point->number);
        if (found == fitted_.end())
            due.push_back(point);
        else if (found->second.turn != turn_)
            again.push_back(point);
    }
    due.insert(due.end(), again.begin(), again.end());
    if (due.empty()) return;
    double const until_s = clock_.steady_s() + budget_s;
    auto const mean = mean_peak(curves, config);
    for (auto const& point : due) {
        fitted_[point->number] = {stamp_of(*point), turn_, peak_of_point(mean, *point, *basis_.bins, curves.pattern.intensity)};
        if (clock_.steady_s() >= until_s) return;
    }
}

LivePeaks::Outcome LivePeaks::operator()(PeakBasis basis, FrameList const& points, ReducedCurves const& curves,
                                         ReductionConfig const& config, bool fit) {
    take(std::move(basis));
    keep_those_of(points);
    auto const left_out = numbers_of(curves.rejected);
    FrameList kept;
    std::ranges::copy_if(points, std::back_inserter(kept), [&](auto const& point) { return !left_out.contains(point->number); });
    if (fit && curves.fsdp) {
        judge_mean(numbers_of(kept));
        fit_some(kept, curves, config);
    }
    Outcome out;
    out.waiting =
        static_cast<std::size_t>(std::ranges::count_if(kept, [&](auto const& point) { return !fitted_.contains(point->number); }));
    if (fitted_.empty()) return out;
    for (auto const& point : points) {
        auto const found = left_out.contains(point->number) ? fitted_.end() : fitted_.find(point->number);
        out.peaks.push_back(found == fitted_.end() ? no_point_peak : found->second.peak);
    }
    return out;
}

} // namespace sqd
