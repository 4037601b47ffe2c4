// From a job to a result: runs the recipe, keeps the backgrounds that later scans subtract.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/dark_store.hpp"
#include "pipeline/stream/live_peaks.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// A finished background scan: its sums on its bins.
struct StoredBackground {
    std::string uid, id;
    RadialUnit unit; ///< of its axis; the pixels behind it are not kept, each set of them may be another
    Axis axis;
    BinnedCounts sums;
    std::optional<Pattern1D> rings = std::nullopt; ///< where the bins need to know their pixels
    bool exposure_known = true;                    ///< else its sums are per frame, and fit only scans of which that holds, too
    bool without_dark = true;                      ///< its dark counts are still in it
};

/// What the reducer writes into every result; the hashes depend on the bins.
struct ReducerIdentity {
    std::string detector;
    std::function<Provenance(BinMap const&, ReducedCurves const&)> provenance; ///< everything but background_uid
};

/// Jobs in order, one thread. Finals of backgrounds and darks are stored; `latest` is the newest of them. Of backgrounds the newest
/// `most_backgrounds` stay, and those that are subtracted by their id.
class Reducer {
public:
    static constexpr std::size_t most_backgrounds = 64;

    /// `parallel_for` runs the loops over pixels; results are the same whatever it is.
    Reducer(ReducerIdentity identity, Clock const& clock, ParallelFor parallel_for = serial_for());

    /// Never throws for what the data hold: what cannot be computed is a flag of the result.
    ReducedResult operator()(ReductionJob const& job);

    StoredBackground const* latest_background() const;
    StoredDark const* dark() const { return darks_.stored(); }

    /// What was stored before a restart, oldest first; before the first job.
    void restore(StoredBackground background) { keep(std::move(background)); }
    void restore(StoredDark dark) { darks_.restore(std::move(dark)); }
    /// The background of that scan id stays, however old.
    void never_forget(std::string scan_id) { configured_ = std::move(scan_id); }
    /// Ids of backgrounds that were let go since it was asked last.
    std::vector<std::string> take_forgotten() { return std::exchange(forgotten_, {}); }

private:
    void keep(StoredBackground background);
    StoredBackground const* background_for(ReductionJob const& job) const;
    StoredBackground const* fitting_background(ReductionJob const& job, std::vector<std::string>& flags) const;
    void store_background(ReductionJob const& job, ReducedResult const& result, CountCorrections const& corrections);
    void reduce(ReductionJob const& job, ReducedResult& result, std::vector<std::string>& flags);
    std::vector<PointPeak> live_peaks(ReductionJob const& job, ReducedResult const& result, ReductionConfig const& recipe,
                                      std::vector<std::string>& flags);

    ReducerIdentity identity_;
    Clock const& clock_;
    ParallelFor parallel_for_;
    std::deque<StoredBackground> backgrounds_; ///< the newest last; a later scan of the same id replaces
    std::string configured_, chosen_;          ///< ids that are subtracted: always, by the last job
    std::vector<std::string> forgotten_;
    DarkStore darks_;
    LivePeaks live_peaks_;
    std::shared_ptr<AtomicTerms const> atoms_; ///< of the bins and the sample that were reduced last
};

} // namespace sqd
