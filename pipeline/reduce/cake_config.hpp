// How a pattern is resolved in azimuth.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

namespace sqd {

/// Pixels are split, averaged and corrected as those of the pattern.
struct CakeConfig {
    std::size_t npt_azim = 360;
    /// In degrees of chi, from the first up to the second, which may lie beyond 180. Absent = what the unmasked pixels see.
    std::optional<std::pair<double, double>> azimuth_range_deg = std::pair{-180.0, 180.0};
};

} // namespace sqd
