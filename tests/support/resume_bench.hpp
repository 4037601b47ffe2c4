// Series that a restart interrupts: images of which each is another, and the state that a bench hands out in the middle.
#pragma once

#include "tests/support/series_bench.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

namespace sqd::test {

inline ProcessorConfig with_checkpoints() {
    ProcessorConfig config = small_config();
    config.checkpoint_s = 2;
    config.resume_timeout_s = 100;
    return config;
}

/// A different image for every number; some have invalid pixels.
inline Image<std::uint32_t> image_of(std::uint64_t number) {
    std::mt19937 random(static_cast<unsigned>(number) + 1);
    Image<std::uint32_t> out(rows, cols);
    for (auto& pixel : out.pixels) pixel = std::poisson_distribution<std::uint32_t>(20)(random);
    if (number % 3 == 0) out(20, 30 + number % 10) = invalid_pixel;
    if (number % 4 == 0) out(7, 9) = 3'000'000'000; // two of them do not fit 32 bits
    return out;
}

inline void play_images(Bench& bench, std::uint64_t first, std::uint64_t end, std::uint64_t series = 1) {
    for (std::uint64_t n = first; n < end; ++n) bench.image(series, n, image_of(n));
}

/// The newest state of a bench whose series has run long enough.
inline SeriesState saved(Bench& bench) {
    bench.clock.advance(5);
    bench.processor.tick();
    REQUIRE_FALSE(bench.states.empty());
    return bench.states.back();
}

/// Of a series of 100 images after the first so many of them.
inline SeriesState interrupted_after(std::uint64_t frames) {
    Bench bench(with_checkpoints());
    bench.start(1, 100);
    play_images(bench, 0, frames);
    return saved(bench);
}

/// Nothing but what the start says.
inline SeriesState only_opened(Bench const& bench) {
    REQUIRE_FALSE(bench.openings.empty());
    return {bench.openings.back(), {}};
}

} // namespace sqd::test
