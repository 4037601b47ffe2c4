// How bins that hold different numbers of pixels are dealt out to workers.
#pragma once

#include "pipeline/core/parallel.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sqd {

/// Calls `body(begin, end)` for ranges of bins with about equally many items; those of bin b are first[b] to first[b + 1]. Bins without
/// any may be in none.
template <class Body>
void for_bin_ranges(std::vector<std::size_t> const& first, ParallelFor const& parallel_for, Body const& body) {
    parallel_for(first.back(), [&](std::size_t begin, std::size_t end, std::size_t) {
        auto const bin_from = [&](std::size_t item) {
            return static_cast<std::size_t>(std::lower_bound(first.begin(), first.end() - 1, item) - first.begin());
        };
        body(bin_from(begin), bin_from(end));
    });
}

/// Calls `each(bin)` likewise.
template <class Each>
void for_bins(std::vector<std::size_t> const& first, ParallelFor const& parallel_for, Each const& each) {
    for_bin_ranges(first, parallel_for, [&each](std::size_t begin, std::size_t end) {
        for (std::size_t bin = begin; bin < end; ++bin) each(bin);
    });
}

} // namespace sqd
