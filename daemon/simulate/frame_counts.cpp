#include "daemon/simulate/frame_counts.hpp"

#include "daemon/simulate/random_block.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace sqd::simulated {

namespace {

constexpr double cutoff_rate_per_s = 2.9e6; ///< counts per second beyond which the detector's rate correction gives up

} // namespace

void draw_frame(Samplers const& samplers, PlannedScan const& scan, std::uint64_t seed, std::uint64_t frame,
                std::function<void(std::span<std::uint32_t const>)> const& use) {
    auto const& sampler = scan.on_sample[frame] ? samplers.sample : samplers.background;
    auto const key = derive(derive(derive(0, seed), scan.series_id), frame);
    std::array<std::uint32_t, sampler_block> pixels;
    for (std::size_t begin = 0; begin < sampler.pixels(); begin += sampler_block) {
        auto const block = std::span(pixels).first(std::min(sampler_block, sampler.pixels() - begin));
        sampler.draw(key, begin / sampler_block, block);
        use(block);
    }
}

std::vector<std::uint32_t> draw_pixels(Samplers const& samplers, PlannedScan const& scan, std::uint64_t seed, std::uint64_t frame) {
    std::vector<std::uint32_t> pixels;
    pixels.reserve(samplers.sample.pixels());
    draw_frame(samplers, scan, seed, frame,
               [&](std::span<std::uint32_t const> block) { pixels.insert(pixels.end(), block.begin(), block.end()); });
    return pixels;
}

std::uint32_t count_cutoff(double exposure_s) {
    return static_cast<std::uint32_t>(std::clamp(cutoff_rate_per_s * exposure_s, 1000.0, 4e9));
}

std::string utc_now() {
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return text;
}

} // namespace sqd::simulated
