// The peak of every point of a map while it runs, a few more with each partial result.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/scan_counts.hpp"
#include "pipeline/stream/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sqd {

/// What all fits of a map rest on; with another one they are worth nothing.
struct PeakBasis {
    std::string scan_uid, config_id, background_uid;
    std::shared_ptr<BinMap const> bins;
    Sample sample; ///< what may be announced of it while it is measured
};

/// Peaks are fitted from the mean as it was then (point_peaks.hpp), once the mean has a peak. It moves while points come and are judged
/// anew, so fits are made again once the mean has twice the points, or has lost 2 % of those that it had; until then the old ones stand.
/// New points come first, in the order given. What finals have is made without any of this. Not thread-safe; holds one number per point.
class LivePeaks {
public:
    /// Seconds by the clock after which fitting waits for the next partial result: 150 points and more, where 25 come at 50 Hz.
    static constexpr double budget_s = 0.03;

    explicit LivePeaks(Clock const& clock) : clock_(clock) {}

    struct Outcome {
        std::vector<PointPeak> peaks; ///< of every point, NaN where it is left out or has no fit (yet); empty = nothing is fitted
        std::size_t waiting = 0;      ///< points that count and were never fitted
    };
    /// `fit`: false leaves the fits for later, what is there is handed out. `curves` are of these points.
    Outcome operator()(PeakBasis basis, FrameList const& points, ReducedCurves const& curves, ReductionConfig const& config, bool fit);

private:
    struct Fitted {
        std::uint64_t stamp = 0; ///< of the point's counts: numbers move where an earlier first image turns up
        std::uint64_t turn = 0;
        PointPeak peak;
    };
    using PeakOf = std::unordered_map<std::uint64_t, Fitted>; ///< by number

    void take(PeakBasis basis);
    void judge_mean(std::vector<std::uint64_t> kept);
    void keep_those_of(FrameList const& points);
    void fit_some(FrameList const& kept, ReducedCurves const& curves, ReductionConfig const& config);

    Clock const& clock_;
    PeakBasis basis_;
    PeakOf fitted_;
    std::uint64_t turn_ = 0;          ///< grows when the mean has moved
    std::vector<std::uint64_t> mean_; ///< numbers of its points at that time, ascending
};

} // namespace sqd
