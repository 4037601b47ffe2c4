// Which part of an interval falls in which bin.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace sqd {

/// Calls `each(bin, part of the interval)` for the bins between `edges` that [low, high] overlaps. What lies outside is lost.
template <class Each>
void for_exact_parts(std::span<double const> edges, double low, double high, Each const& each) {
    if (!(high > edges.front()) || !(low < edges.back())) return;
    auto const above = std::upper_bound(edges.begin(), edges.end(), std::max(low, edges.front()));
    for (auto bin = static_cast<std::size_t>(above - edges.begin()) - 1; bin + 1 < edges.size() && edges[bin] < high; ++bin) {
        double const part = (std::min(high, edges[bin + 1]) - std::max(low, edges[bin])) / (high - low);
        if (part > 0) each(bin, part);
    }
}

/// The same as pyFAI 0.21.3 has it, of an interval in units of its even bins: what lies outside is piled into the first and last bin.
template <class Each>
void for_pyfai_parts(double from, double to, std::size_t bins, Each const& each) {
    double first = std::trunc(from), last = std::trunc(to);
    if (last < 0 || first >= static_cast<double>(bins)) return;
    first = std::max(first, 0.0);
    last = std::min(last, static_cast<double>(bins - 1));
    if (first == last) return each(static_cast<std::size_t>(first), 1.0);
    double const inverse = 1 / (to - from);
    each(static_cast<std::size_t>(first), (first + 1 - from) * inverse);
    for (double bin = first + 1; bin < last; ++bin) each(static_cast<std::size_t>(bin), inverse);
    each(static_cast<std::size_t>(last), (to - last) * inverse);
}

} // namespace sqd
