// The bins of a pattern: from npt and a range, from edges, in even steps or even ratios.
#pragma once

#include "pipeline/reduce/integration_config.hpp"

#include <cstddef>
#include <limits>
#include <vector>

namespace sqd {

inline constexpr std::size_t most_bins = 65534; ///< 16-bit bins, one more for pixels that take no part

/// pyFAI's factor on the upper end of a range, so that the last pixel is inside.
inline constexpr double one_plus_eps32 = 1 + 0x1p-23;

/// Ends in the coordinate that is binned (1/nm, rad, m).
struct RadialRange {
    double low = std::numeric_limits<double>::infinity(), high = 0;
};

/// The configured radial_range; with compat widened as pyFAI does. There must be one.
RadialRange asked_range(IntegrationConfig const& config);
/// The axis in `unit`: config.edges, or config.npt bins over radial_range, or without one over `range`. Throws DataError.
Axis radial_axis(IntegrationConfig const& config, RadialRange const& range);
/// Whether all bins are equally wide in `unit`: without edges or even ratios, or with edges that are so to 1e-6 of a bin.
bool has_even_steps(IntegrationConfig const& config);
/// Its edges in the coordinate that is binned.
std::vector<double> binned_edges(Axis const& axis, RadialUnit unit);
/// Throws DataError for npt 0 or above what 16 bits number, an empty range, logarithmic bins from 0, compat with bins that pyFAI has not.
void check_axis(IntegrationConfig const& config);

} // namespace sqd
