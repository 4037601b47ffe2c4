// Findings as the header of a pattern carries them.
#pragma once

#include "pipeline/core/findings.hpp"

#include <nlohmann/json.hpp>

namespace sqd {

/// {hot_pixels: {found, list: [[row, col, counts, expected], ...] (the first 1000)}, bragg_lines: [{q, width, phase, ...}, ...],
/// calibration: {calibrant, verdict, distance_m, ...}}. What was not looked for or is not known has no key. Shifts are what to add to the
/// geometry.
nlohmann::ordered_json findings_json(Findings const& findings);

} // namespace sqd
