// Puts a pattern on the grid of another.
#pragma once

#include "pipeline/core/curves.hpp"

namespace sqd {

/// Two patterns on one grid.
struct PatternPair {
    Pattern1D sample, background;
    bool interpolated = false; ///< the background was not on the sample's grid
    std::size_t cut_bins = 0;  ///< bins of the sample that the background does not reach, left out
};

/// The background on the sample's grid by linear interpolation in q; variances follow: t^2 and (1-t)^2 of the neighbours. (Neighbouring
/// bins are then correlated; sigma says nothing of that.) Bins of the sample that lie beyond the background are left out. A bin between
/// an empty one and another is empty. Throws DataError when fewer than two bins are left.
PatternPair onto_one_grid(Pattern1D const& sample, Pattern1D const& background);

} // namespace sqd
