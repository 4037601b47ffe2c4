// Rings of a small detector and counts to fill them with.
#pragma once

#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "tests/support/small_detector.hpp"

#include <cstddef>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace sqd::test {

inline IntegrationConfig asked(Split split, std::size_t npt = 40) {
    IntegrationConfig config;
    config.npt = npt;
    config.split = split;
    config.polarization_factor = 0.95;
    return config;
}

inline constexpr Split splits[] = {Split::none, Split::bbox, Split::full};

inline RingBins bins_of(Geometry const& g, IntegrationConfig const& config, Mask const& mask) {
    auto const map = build_bin_map(g, mask, config, std::nullopt, 13.8, serial_for());
    return map.rings ? *map.rings : ring_bins(g, mask, map.axis, config, std::nullopt, 13.8, serial_for());
}

inline RingBins bins_of(Geometry const& g, IntegrationConfig const& config) {
    return bins_of(g, config, Mask(g.rows, g.cols));
}

inline PixelSum sum_of(std::vector<double> const& counts) {
    return {{counts.begin(), counts.end()}, {}, 1, 1};
}

inline double total(std::vector<double> const& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Counts of a beam that scatters the same everywhere: what each pixel sees of it.
inline std::vector<double> flat_field(Geometry const& g, IntegrationConfig const& config, double level) {
    std::vector<double> out;
    for (float const norm : pixel_norm(g, config, std::nullopt, 13.8, serial_for())) out.push_back(level * static_cast<double>(norm));
    return out;
}

inline std::vector<double> random_counts(std::size_t pixels, double mean, unsigned seed) {
    std::mt19937 random(seed);
    std::poisson_distribution<int> counts(mean);
    std::vector<double> out(pixels);
    for (double& value : out) value = counts(random);
    return out;
}

} // namespace sqd::test
