// The dashboard of `sqd watch`: what an operator wants to know, in the lines of a terminal.
#pragma once

#include "daemon/verbs/watch_line.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

struct ScreenStyle {
    std::size_t columns = 80;
    bool color = false;
    bool utf8 = false; ///< braille and signs, else ASCII
};

/// State (in word, sign and colour), scan, progress, q1 and FWHM with their errors, the curve, advice and comparison in words, alarms that
/// nobody has acknowledged. Words are cut to the columns; no control characters whatever names hold. Empty before the first heartbeat.
std::vector<std::string> watch_screen(WatchState const& state, double now_s, ScreenStyle const& style);

} // namespace sqd
