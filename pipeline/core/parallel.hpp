// How mathematics runs a loop in parallel without knowing threads: the caller hands in the loop.
#pragma once

#include <cstddef>
#include <functional>

namespace sqd {

/// Runs `body(begin, end, slot)` over contiguous, disjoint, ascending ranges that cover [0, n), possibly at the same time, and
/// returns when all have ended. No range is empty; `slot` numbers them in ascending order from 0, so it is below n.
/// An exception of a body is thrown again here after all have ended.
using ParallelFor =
    std::function<void(std::size_t n, std::function<void(std::size_t begin, std::size_t end, std::size_t slot)> const& body)>;

/// The ParallelFor without threads: one range, slot 0.
inline ParallelFor serial_for() {
    return [](std::size_t n, std::function<void(std::size_t, std::size_t, std::size_t)> const& body) {
        if (n > 0) body(0, n, 0);
    };
}

} // namespace sqd
