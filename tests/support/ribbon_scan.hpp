// A map of the ribbon, as counts of every point.
#pragma once

#include "pipeline/reduce/scan_counts.hpp"
#include "tests/support/ribbon.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>

namespace sqd::test {

/// Bins of the ribbon's counts, each of norm 1.
inline std::shared_ptr<BinMap const> bins_of(RibbonCounts const& expected) {
    auto bins = std::make_shared<BinMap>();
    bins->axis = Axis::uniform(0.5, 6.9, expected.q.size());
    bins->q_invA = expected.q;
    bins->bin_norm.assign(expected.q.size(), 1);
    bins->bin_pixels.assign(expected.q.size(), 1);
    return bins;
}

/// A scan of `points` whose point p has `thickness(p)` times the glass, its peak moved by `shift(p)`.
template <class Thickness, class Shift>
ScanCounts scan_of(std::size_t points, RibbonCounts const& expected, std::shared_ptr<BinMap const> const& bins, std::mt19937_64& random,
                   Thickness thickness, Shift shift) {
    double const step = expected.q[1] - expected.q[0];
    ScanCounts scan{bins, {}};
    for (std::size_t p = 0; p < points; ++p) {
        auto frame = std::make_shared<FrameCounts>();
        frame->number = p;
        for (std::size_t b = 0; b < expected.q.size(); ++b) {
            double const at = std::clamp(static_cast<double>(b) - shift(p) / step, 0.0, static_cast<double>(expected.q.size()) - 1.001);
            auto const i = static_cast<std::size_t>(at);
            double const part = at - static_cast<double>(i);
            double const mean = thickness(p) * ((1 - part) * expected.glass[i] + part * expected.glass[i + 1]);
            frame->counts.push_back(static_cast<std::uint32_t>(std::poisson_distribution<long>(mean)(random)));
        }
        scan.frames.push_back(frame);
    }
    return scan;
}

} // namespace sqd::test
