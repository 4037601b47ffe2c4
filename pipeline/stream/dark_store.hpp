// The dark that later scans subtract.
#pragma once

#include "pipeline/reduce/dark_counts.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct StoredDark {
    std::string id; ///< of its scan
    DarkScan dark;
    bool exposure_known = true; ///< else its counts are per frame, and fit only scans of which that holds, too
};

/// One at a time: it holds a whole image.
class DarkStore {
public:
    /// Keeps the final of a scan of role dark in place of the one before, if it is one that the configuration asks for.
    void keep(ReductionJob const& job);
    /// One of before a restart.
    void restore(StoredDark dark) { stored_ = std::move(dark); }
    /// Null = none yet.
    StoredDark const* stored() const { return stored_ ? &*stored_ : nullptr; }

    /// The dark that the job asks for, null where it asks for none or there is none that fits; then a flag says why. Valid until the next
    /// keep().
    DarkScan const* dark_for(ReductionJob const& job, std::vector<std::string>& flags) const;

private:
    std::optional<StoredDark> stored_;
};

} // namespace sqd
