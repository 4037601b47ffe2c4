// Findings in words, for alarms and the terminal.
#pragma once

#include "pipeline/core/findings.hpp"

#include <string>
#include <vector>

namespace sqd {

/// "3.010 Cu, 3.480 Cu 1/A": at most four, then how many more.
std::string words(std::vector<BraggLine> const& lines);
/// "2 pixels: [120, 44] 5021 for 12.3, ...": [row, column], counts, what was expected; at most four, then how many more.
std::string words(std::vector<HotPixel> const& pixels);
/// "CeO2: shifted, distance 0.312(20) mm, centre 0.01(2), 0.00(2) mm, q -1.2(1)e-3 of 14 rings": what to add to the geometry in force.
std::string words(CalibrationCheck const& check);

} // namespace sqd
