// The darks that later scans subtract.
#pragma once

#include "pipeline/reduce/dark_counts.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sqd {

class DarkStore {
public:
    /// Keeps the final of a scan of role dark, in place of an earlier one of the same id.
    void keep(ReductionJob const& job);

    /// The dark that the job asks for, null where it asks for none or there is none that fits; then a flag says why. Valid until the next
    /// keep().
    DarkScan const* dark_for(ReductionJob const& job, std::vector<std::string>& flags) const;

private:
    struct Stored {
        DarkScan dark;
        bool exposure_known; ///< else its counts are per frame, and fit only scans of which that holds, too
    };

    std::map<std::string, std::shared_ptr<Stored const>> by_id_;
    std::shared_ptr<Stored const> latest_;
};

} // namespace sqd
