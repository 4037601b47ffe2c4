// How long the hot path takes per Eiger 4M frame on one core, and how long the bin map takes to build. Not part of ctest.
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/simulated/bslz4_encoder.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/frame_accumulator.hpp"
#include "tests/support/memory_frame.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

namespace {

using namespace sqd;

double milliseconds(auto const& action) {
    auto const start = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Hands out the same tile again and again: costs a frame's copy into scratch and no memory, so that the sums alone are timed.
class CachedTiles final : public TileReader {
public:
    explicit CachedTiles(Image<std::uint32_t> const& image) : tiles_(image) {}
    void prepare() override {}
    void read(std::size_t tile, Tile& out) const override {
        Tile const& source = tiles_.tile(tile % 16);
        out.lane = source.lane;
        out.invalid = source.invalid;
        std::size_t const bytes = tile_pixels << static_cast<unsigned>(source.lane);
        std::copy_n(source.pixels.begin(), bytes, out.pixels.begin());
    }

private:
    test::MemoryTiles tiles_;
};

void time_sums(std::shared_ptr<BinMap const> const& bins, char const* name, double mean, Lane at_least) {
    std::mt19937 random(1);
    std::poisson_distribution<std::uint32_t> poisson(mean);
    Image<std::uint32_t> image(bins->geometry.rows, bins->geometry.cols);
    for (std::size_t i = 0; i < 16 * tile_pixels; ++i) image.pixels[i] = std::max(poisson(random), at_least == Lane::u16 ? 256U : 0U);
    std::vector<Frame> batch;
    for (std::size_t f = 0; f < batch_frames; ++f) batch.push_back(test::memory_frame(image, f, std::make_shared<CachedTiles>(image)));
    FrameAccumulator accumulator(bins);
    double best = 1e9, alone = 1e9;
    for (int repeat = 0; repeat < 7; ++repeat) {
        best = std::min(best, milliseconds([&] { accumulator.add(batch, serial_for()); }) / static_cast<double>(batch_frames));
        alone = std::min(alone, milliseconds([&] { accumulator.add(std::span(batch).first(1), serial_for()); }));
    }
    Tile scratch;
    double const reading = milliseconds([&] {
        for (auto const& frame : batch) {
            for (std::size_t t = 0; t < tile_count(image.size()); ++t) frame.tiles->read(t, scratch);
        }
    });
    std::printf("%-24s batch of 16: %6.2f ms/frame, batch of 1: %6.2f ms; of which copying the tiles %5.2f ms/frame\n", name, best, alone,
                reading / static_cast<double>(batch_frames));
}

/// Real frames: bitshuffle-LZ4 of 32-bit pixels, decoded and summed.
void time_compressed(std::shared_ptr<BinMap const> const& bins, double mean) {
    std::mt19937 random(2);
    std::poisson_distribution<std::uint32_t> poisson(mean);
    std::vector<Frame> batch;
    Image<std::uint32_t> image(bins->geometry.rows, bins->geometry.cols);
    for (std::size_t f = 0; f < batch_frames; ++f) {
        for (auto& pixel : image.pixels) pixel = poisson(random);
        auto const packed = std::make_shared<simulated::Part const>(simulated::encode_bslz4(image.pixels));
        MessagePart const payload{std::as_bytes(std::span(*packed)), packed};
        batch.push_back(test::memory_frame(image, f, std::make_shared<BitshuffleTiles>(payload, PixelFormat{image.size(), 4, 0xfffffffd})));
    }
    FrameAccumulator accumulator(bins);
    double best = 1e9;
    for (int repeat = 0; repeat < 7; ++repeat) {
        best = std::min(best, milliseconds([&] { accumulator.add(batch, serial_for()); }) / static_cast<double>(batch_frames));
    }
    std::printf("bslz4, 32 bit, mean %.1f: %.2f ms/frame, decoding included\n", mean, best);
}

} // namespace

int main() {
    Geometry const eiger4m{.distance_m = 0.0816,
                           .poni1_m = 0.0045,
                           .poni2_m = 0.0776,
                           .pixel1_m = 75e-6,
                           .pixel2_m = 75e-6,
                           .rows = 2167,
                           .cols = 2070,
                           .wavelength_A = 0.9537};
    Mask const mask(eiger4m.rows, eiger4m.cols);
    IntegrationConfig config{.npt = 2300, .radial_range = std::pair{0.1, 7.0}, .polarization_factor = 0.99};
    std::shared_ptr<BinMap const> bins;
    for (RadialUnit const unit : {RadialUnit::two_theta_deg, RadialUnit::q_invA}) {
        config.unit = unit;
        double best = 1e9;
        for (int repeat = 0; repeat < 3; ++repeat) {
            best = std::min(best, milliseconds([&] {
                                bins = std::make_shared<BinMap>(build_bin_map(eiger4m, mask, config, Sensor{"Si", 450}, 13, serial_for()));
                            }));
        }
        std::printf("bin map, %s: %.0f ms\n", name(unit).c_str(), best);
    }
    time_sums(bins, "8 bit lanes, mean 1.4", 1.4, Lane::u8);
    time_sums(bins, "16 bit lanes, mean 400", 400, Lane::u16);
    time_sums(bins, "32 bit lanes, mean 1e5", 1e5, Lane::u32);
    time_compressed(bins, 1.4);
}
