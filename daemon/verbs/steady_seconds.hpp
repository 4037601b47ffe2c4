// Time that nobody sets, for verbs that wait at a terminal.
#pragma once

#include <chrono>

namespace sqd {

inline double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace sqd
