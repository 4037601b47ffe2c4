// Where a result comes from: version, hashes, and what was divided out or subtracted to get its curves.
#pragma once

#include "config/config.hpp"
#include "pipeline/core/results.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// Names of what was done to a pattern to get these curves, in order: what comes after the pixels.
std::vector<std::string> pattern_steps(Config const& config, ReducedCurves const& curves);

/// All that a pattern hangs on but its mask: what was measured under other conditions cannot be subtracted.
std::string measuring_conditions(Config const& config);

/// Provenance of results under one configuration; the hashes of mask and flat field are worked out once per bin map.
class ProvenanceOf {
public:
    explicit ProvenanceOf(std::shared_ptr<Config const> config);
    Provenance operator()(BinMap const& bins, ReducedCurves const& curves);

private:
    std::shared_ptr<Config const> config_;
    Provenance base_;
    std::vector<std::string> of_norm_; ///< corrections in the norm of last_
    BinMap const* last_ = nullptr;
};

} // namespace sqd
