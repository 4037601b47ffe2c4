// The dark that later scans subtract.
#pragma once

#include "pipeline/reduce/dark_counts.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// One at a time: it holds a whole image.
class DarkStore {
public:
    /// Keeps the final of a scan of role dark in place of the one before, if it is one that the configuration asks for.
    void keep(ReductionJob const& job);

    /// The dark that the job asks for, null where it asks for none or there is none that fits; then a flag says why. Valid until the next
    /// keep().
    DarkScan const* dark_for(ReductionJob const& job, std::vector<std::string>& flags) const;

private:
    struct Stored {
        DarkScan dark;
        bool exposure_known; ///< else its counts are per frame, and fit only scans of which that holds, too
    };

    std::optional<Stored> stored_;
};

} // namespace sqd
