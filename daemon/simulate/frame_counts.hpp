// The counts of a frame, and what every protocol says of them.
#pragma once

#include "daemon/simulate/poisson_sampler.hpp"
#include "daemon/simulate/scan_plan.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sqd::simulated {

/// The counts of frames on and off the sample.
struct Samplers {
    PoissonSampler sample, background;
};

/// Draws frame `frame` block by block: `use(pixels)` gets each block of sampler_block pixels in order. All ones where masked.
void draw_frame(Samplers const& samplers, PlannedScan const& scan, std::uint64_t seed, std::uint64_t frame,
                std::function<void(std::span<std::uint32_t const>)> const& use);
/// The whole frame.
std::vector<std::uint32_t> draw_pixels(Samplers const& samplers, PlannedScan const& scan, std::uint64_t seed, std::uint64_t frame);

/// Largest count that the detector's rate correction allows in an exposure.
std::uint32_t count_cutoff(double exposure_s);
/// Now, "2026-11-22T10:00:00", UTC.
std::string utc_now();

} // namespace sqd::simulated
