// What pyFAI writes above a pattern: the geometry in its own words and FIT2D's, and what was applied.
#pragma once

#include "pipeline/core/results.hpp"

#include <string>
#include <vector>

namespace sqd {

/// Lines of `name: value`. Those from `poni_version` to `Wavelength` are a .poni file; where the beam does not meet the detector's plane
/// FIT2D's are left out. The normalization factor is the sum of exposure x monitor over the frames that are in the result, which are known
/// of finals.
std::vector<std::string> calibration_lines(ReducedResult const& result);

} // namespace sqd
