// The hot path against a plain loop over pixels: exact, whatever the order, batches, workers, lanes and failures.
#include "pipeline/reduce/frame_accumulator.hpp"
#include "tests/support/cpu_tiers.hpp"
#include "tests/support/memory_frame.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace sqd;
using test::invalid_pixel;
using test::memory_frame;
using test::MemoryTiles;
using test::small_map;
using Picture = Image<std::uint32_t>;

namespace {

/// Counts of a few, with bright pixels that need 16 and 32 bits in some frames.
Picture picture(unsigned seed, std::uint32_t bright = 0) {
    std::mt19937 random(seed);
    std::poisson_distribution<std::uint32_t> poisson(1.4);
    Picture out(90, 70);
    for (auto& pixel : out.pixels) pixel = poisson(random);
    if (bright > 0) {
        for (int i = 0; i < 20; ++i) out.pixels[random() % out.size()] = bright;
    }
    return out;
}

/// Twenty frames with every mixture of lanes; some have invalid pixels outside the mask.
std::vector<Picture> pictures() {
    std::vector<Picture> out;
    for (unsigned i = 0; i < 20; ++i) {
        std::uint32_t const bright[] = {0, 255, 256, 65535, 65536, 4'000'000};
        out.push_back(picture(i, bright[i % 6]));
        if (i % 4 == 1) out.back()(60, 3 + i) = out.back()(61, 3) = invalid_pixel;
        out.back()(40, 10) = invalid_pixel; // masked as well
    }
    return out;
}

/// What the accumulator must equal.
struct Sums {
    std::vector<std::uint64_t> pixels;
    std::vector<std::uint32_t> invalid;
    std::vector<std::vector<std::uint32_t>> counts; ///< per frame
    bool operator==(Sums const&) const = default;
};

Sums plain_sums(BinMap const& bins, std::vector<Picture> const& frames) {
    Sums out{std::vector<std::uint64_t>(bins.pixels()), std::vector<std::uint32_t>(bins.pixels()), {}};
    for (auto const& frame : frames) {
        std::vector<std::uint32_t> counts(bins.axis.size() + 1);
        for (std::size_t i = 0; i < frame.size(); ++i) {
            bool const masked = (bins.masked[i / 64] >> (i % 64) & 1) != 0;
            if (frame.pixels[i] == invalid_pixel) {
                out.invalid[i] += masked ? 0 : 1;
                continue;
            }
            out.pixels[i] += frame.pixels[i];
            counts[bins.bin[i]] += frame.pixels[i];
        }
        counts.pop_back();
        out.counts.push_back(counts);
    }
    return out;
}

Sums sums_of(FrameAccumulator const& accumulator, std::vector<FrameOutcome> const& outcomes) {
    Sums out{accumulator.pixel_sum(), accumulator.invalid_frames(), {}};
    out.invalid.resize(out.pixels.size()); // empty stands for none
    for (auto const& outcome : outcomes) {
        if (outcome.counts) out.counts.push_back(outcome.counts->counts);
    }
    return out;
}

std::vector<Frame> frames_of(std::vector<Picture> const& images) {
    std::vector<Frame> out;
    for (std::size_t i = 0; i < images.size(); ++i) out.push_back(memory_frame(images[i], i));
    return out;
}

/// Adds all frames in batches of `size`.
std::vector<FrameOutcome> add_all(FrameAccumulator& accumulator, std::vector<Frame> const& frames, std::size_t size = batch_frames,
                                  ParallelFor const& parallel_for = serial_for()) {
    std::vector<FrameOutcome> out;
    for (std::size_t first = 0; first < frames.size(); first += size) {
        auto const batch = std::span(frames).subspan(first, std::min(size, frames.size() - first));
        for (auto& outcome : accumulator.add(batch, parallel_for)) out.push_back(std::move(outcome));
    }
    return out;
}

} // namespace

TEST_CASE("counts are conserved: bins and the rest make up the sum of the image") {
    auto const bins = small_map();
    auto const image = picture(3);
    FrameAccumulator accumulator(bins);
    auto const outcome = add_all(accumulator, frames_of({image}));
    REQUIRE(outcome[0].counts);
    std::uint64_t outside = 0;
    for (std::size_t i = 0; i < image.size(); ++i) outside += bins->bin[i] == bins->axis.size() ? image.pixels[i] : 0;
    auto const& counts = outcome[0].counts->counts;
    CHECK(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) + outside ==
          std::accumulate(image.pixels.begin(), image.pixels.end(), std::uint64_t{0}));
    CHECK(accumulator.frames() == 1);
    CHECK(outcome[0].reason.empty());
}

TEST_CASE("sums equal a plain loop for every batch size, number of workers and instruction set, lanes mixed") {
    auto const bins = small_map();
    auto const images = pictures();
    Sums const expected = plain_sums(*bins, images);
    for (CpuTier const tier : test::cpu_tiers_here()) {
        for (std::size_t size = 1; size <= batch_frames; ++size) {
            for (std::size_t const slots : {1U, 2U, 3U, 7U}) {
                CAPTURE(name(tier));
                CAPTURE(size);
                CAPTURE(slots);
                FrameAccumulator accumulator(bins, 0.01, tier);
                auto const outcomes = add_all(accumulator, frames_of(images), size, test::threads_for(slots));
                CHECK(sums_of(accumulator, outcomes) == expected);
                CHECK(accumulator.frames() == images.size());
            }
        }
    }
}

TEST_CASE("any share of bright pixels, in any lane, adds up the same with every instruction set") {
    // from few, which are added one by one, to all: the ways of adding meet at some hundred pixels of a tile
    auto const bins = small_map();
    for (double const share : {0.001, 0.05, 0.11, 0.14, 0.5, 1.0}) {
        for (std::uint32_t const brightest : {300U, 65535U, 70000U, 4'000'000U}) {
            std::mt19937 random(static_cast<unsigned>(1000 * share));
            std::bernoulli_distribution bright(share);
            std::vector<Picture> images;
            for (unsigned i = 0; i < batch_frames; ++i) {
                images.push_back(picture(i));
                if (i % 4 == 3) continue; // lanes of a batch differ
                for (auto& pixel : images.back().pixels)
                    pixel = bright(random) ? 256 + static_cast<std::uint32_t>(random() % (brightest - 255)) : pixel;
            }
            Sums const expected = plain_sums(*bins, images);
            for (CpuTier const tier : test::cpu_tiers_here()) {
                CAPTURE(share);
                CAPTURE(brightest);
                CAPTURE(name(tier));
                FrameAccumulator accumulator(bins, 0.01, tier);
                auto const outcomes = add_all(accumulator, frames_of(images));
                CHECK(sums_of(accumulator, outcomes) == expected);
            }
        }
    }
}

TEST_CASE("the order of frames does not matter") {
    auto const bins = small_map();
    auto images = pictures();
    FrameAccumulator forward(bins), backward(bins);
    add_all(forward, frames_of(images));
    std::reverse(images.begin(), images.end());
    add_all(backward, frames_of(images), 3);
    CHECK(forward.pixel_sum() == backward.pixel_sum());
    CHECK(forward.invalid_frames() == backward.invalid_frames());
}

TEST_CASE("the lane a reader chooses does not matter") {
    auto const bins = small_map();
    auto const images = pictures();
    Sums const expected = plain_sums(*bins, images);
    for (Lane const lane : {Lane::u16, Lane::u32}) {
        std::vector<Frame> frames;
        for (std::size_t i = 0; i < images.size(); ++i) {
            // every third frame keeps its narrowest lane: lanes of a tile differ between frames
            frames.push_back(memory_frame(images[i], i, std::make_shared<MemoryTiles>(images[i], i % 3 == 0 ? Lane::u8 : lane)));
        }
        FrameAccumulator accumulator(bins);
        auto const outcomes = add_all(accumulator, frames);
        CHECK(sums_of(accumulator, outcomes) == expected);
    }
}

TEST_CASE("a frame of which any tile fails leaves nothing behind") {
    auto const bins = small_map();
    auto images = pictures();
    images.resize(8);
    std::vector<Picture> others = images;
    others.erase(others.begin() + 2);
    Sums const expected = plain_sums(*bins, others);
    for (std::size_t tile = 0; tile < tile_count(bins->pixels()); ++tile) {
        for (std::size_t const slots : {1U, 2U, 3U, 7U}) {
            CAPTURE(tile);
            CAPTURE(slots);
            auto frames = frames_of(images);
            frames[2].tiles = std::make_shared<MemoryTiles>(images[2], Lane::u8, tile);
            FrameAccumulator accumulator(bins);
            auto const outcomes = add_all(accumulator, frames, 16, test::threads_for(slots));
            CHECK(sums_of(accumulator, outcomes) == expected);
            CHECK(outcomes[2].reason == "decode");
            CHECK(outcomes[2].detail == "broken tile " + std::to_string(tile));
            CHECK_FALSE(outcomes[2].counts);
            CHECK(accumulator.frames() == 7);
        }
    }
}

TEST_CASE("a frame that cannot even start, and two that break in different tiles, are left out") {
    auto const bins = small_map();
    auto images = pictures();
    images.resize(6);
    auto frames = frames_of(images);
    frames[0].tiles = std::make_shared<MemoryTiles>(images[0], Lane::u8, std::nullopt, true);
    frames[3].tiles = std::make_shared<MemoryTiles>(images[3], Lane::u8, 3);
    frames[4].tiles = std::make_shared<MemoryTiles>(images[4], Lane::u8, 1);
    FrameAccumulator accumulator(bins);
    auto const outcomes = add_all(accumulator, frames, 16, test::threads_for(3));
    CHECK(sums_of(accumulator, outcomes) == plain_sums(*bins, {images[1], images[2], images[5]}));
    CHECK(outcomes[0].detail == "broken start");
}

TEST_CASE("a batch of broken frames is no frame") {
    auto const bins = small_map();
    auto const image = picture(1);
    FrameAccumulator accumulator(bins);
    auto const outcomes = add_all(accumulator, {memory_frame(image, 0, std::make_shared<MemoryTiles>(image, Lane::u8, 2))});
    CHECK(sums_of(accumulator, outcomes) == plain_sums(*bins, {}));
    CHECK(accumulator.add({}, serial_for()).empty());
}

TEST_CASE("invalid pixels are taken out of the norm exactly, and only outside the mask") {
    auto const bins = small_map();
    auto image = picture(5);
    std::vector<std::size_t> const gone{40 * 70 + 3, 41 * 70 + 9, 41 * 70 + 10, 41 * 70 + 11, 89 * 70 + 69}; // the first is masked
    for (std::size_t const i : gone) image.pixels[i] = invalid_pixel;
    FrameAccumulator accumulator(bins);
    auto const outcome = add_all(accumulator, frames_of({image}))[0];
    REQUIRE(outcome.counts);
    std::vector<double> norm(bins->axis.size() + 1);
    std::vector<std::uint32_t> pixels(bins->axis.size() + 1);
    for (std::size_t k = 1; k < gone.size(); ++k) {
        norm[bins->bin[gone[k]]] += static_cast<double>(bins->norm[gone[k]]);
        ++pixels[bins->bin[gone[k]]];
        CHECK(accumulator.invalid_frames()[gone[k]] == 1);
    }
    CHECK(accumulator.invalid_frames()[gone[0]] == 0);
    std::size_t entries = 0;
    for (std::size_t b = 0; b < bins->axis.size(); ++b) entries += pixels[b] > 0 ? 1U : 0U;
    REQUIRE(outcome.counts->deficits.size() == entries);
    for (std::size_t k = 0; k < entries; ++k) {
        auto const& deficit = outcome.counts->deficits[k];
        CHECK(deficit.pixels == pixels[deficit.bin]);
        CHECK(deficit.norm == norm[deficit.bin]);
        if (k > 0) CHECK(deficit.bin > outcome.counts->deficits[k - 1].bin);
    }
}

TEST_CASE("a bin that is wholly invalid loses exactly its norm") {
    auto const bins = small_map();
    std::uint16_t const bin = bins->bin[60 * 70 + 30];
    auto image = picture(6);
    for (std::size_t i = 0; i < image.size(); ++i) {
        if (bins->bin[i] == bin) image.pixels[i] = invalid_pixel;
    }
    FrameAccumulator accumulator(bins, 1.0);
    for (std::size_t const slots : {1U, 7U}) {
        auto const outcome = add_all(accumulator, frames_of({image}), 16, test::threads_for(slots))[0];
        REQUIRE(outcome.counts);
        REQUIRE(outcome.counts->deficits.size() == 1);
        CHECK(outcome.counts->deficits[0].norm == bins->bin_norm[bin]);
        CHECK(outcome.counts->deficits[0].pixels == bins->bin_pixels[bin]);
        CHECK(outcome.counts->counts[bin] == 0);
    }
}

TEST_CASE("a frame with more invalid pixels than allowed is taken out again") {
    auto const bins = small_map();
    auto const most = static_cast<std::size_t>(0.01 * static_cast<double>(bins->pixels() - bins->masked_pixels));
    for (std::size_t const extra : {0U, 1U}) {
        for (std::size_t const slots : {1U, 3U}) {
            std::vector<Picture> const good{picture(1, 300), picture(2)};
            Picture bad = picture(3, 70000);
            std::size_t left = most + extra;
            for (std::size_t i = 0; left > 0; i += 97) { // spread over all tiles
                if ((bins->masked[i / 64] >> (i % 64) & 1) == 0 && bad.pixels[i] != invalid_pixel) {
                    bad.pixels[i] = invalid_pixel;
                    --left;
                }
            }
            FrameAccumulator accumulator(bins);
            auto const outcomes = add_all(accumulator, frames_of({good[0], bad, good[1]}), 16, test::threads_for(slots));
            if (extra == 0) {
                CHECK(sums_of(accumulator, outcomes) == plain_sums(*bins, {good[0], bad, good[1]}));
            } else {
                CHECK(sums_of(accumulator, outcomes) == plain_sums(*bins, good));
                CHECK(outcomes[1].reason == "invalid_pixels");
            }
        }
    }
}

TEST_CASE("sums pass 32 bits per pixel, and a bin of one frame may reach 32 bits but not pass them") {
    auto const bins = small_map();
    std::size_t const here = 60 * 70 + 30;
    std::size_t beside = here + 1;
    while (bins->bin[beside] != bins->bin[here]) ++beside;
    Picture full(90, 70), over(90, 70);
    full.pixels[here] = 0xfffffffe;
    full.pixels[beside] = 1;
    over.pixels[here] = 0xfffffffe;
    over.pixels[beside] = 2;
    FrameAccumulator accumulator(bins);
    std::vector<Picture> images(16, full);
    images[7] = over;
    auto const outcomes = add_all(accumulator, frames_of(images));
    CHECK(outcomes[0].counts->counts[bins->bin[here]] == 0xffffffff);
    CHECK_FALSE(outcomes[7].counts);
    CHECK(outcomes[7].reason == "decode");
    CHECK(accumulator.pixel_sum()[here] == 15 * std::uint64_t{0xfffffffe});
    CHECK(accumulator.pixel_sum()[beside] == 15);
}

TEST_CASE("narrow lanes at their largest value do not overflow in a bin of many pixels") {
    // 2.2e6 pixels of 65535 in few bins pass 2^32 within one frame's histogram in 32 bits; of 1900 they do not pass it in a bin
    Geometry g = test::small_geometry();
    g.rows = 1100;
    g.cols = 2000;
    IntegrationConfig config;
    config.npt = 40;
    auto const bins = std::make_shared<BinMap const>(build_bin_map(g, Mask(g.rows, g.cols), config, {}, 0, serial_for()));
    for (auto const& [value, fits] : {std::pair{65535U, false}, std::pair{1900U, true}, std::pair{255U, true}}) {
        std::vector<Frame> const frames(16, memory_frame(Picture(g.rows, g.cols, value), 0));
        FrameAccumulator accumulator(bins);
        auto const outcome = add_all(accumulator, frames).back();
        std::uint64_t const largest = *std::max_element(bins->bin_pixels.begin(), bins->bin_pixels.end());
        CHECK((largest * value <= 0xffffffff) == fits);
        CHECK((outcome.counts != nullptr) == fits);
        if (!outcome.counts) continue;
        for (std::size_t b = 0; b < 40; ++b) CHECK(outcome.counts->counts[b] == bins->bin_pixels[b] * value);
        CHECK(accumulator.pixel_sum() == std::vector<std::uint64_t>(bins->pixels(), 16 * std::uint64_t{value}));
    }
}

TEST_CASE("tiles that are wholly masked are not read, so a fault in them costs no frame") {
    Mask mask = test::small_mask();
    std::fill_n(mask.pixels.begin() + 2048, 2048, static_cast<unsigned char>(1));
    auto const bins = small_map(50, mask);
    auto const image = picture(4);
    FrameAccumulator accumulator(bins);
    auto const outcome = add_all(accumulator, {memory_frame(image, 9, std::make_shared<MemoryTiles>(image, Lane::u8, 1))})[0];
    REQUIRE(outcome.counts);
    CHECK(outcome.counts->number == 9);
    CHECK(outcome.counts->exposure_s == 1);
    CHECK(outcome.counts->monitor == 1);
    auto blank = image;
    std::fill_n(blank.pixels.begin() + 2048, 2048, 0U);
    CHECK(sums_of(accumulator, {outcome}) == plain_sums(*bins, {blank}));
}

TEST_CASE("an accumulator that was moved goes on where it was") {
    auto const bins = small_map();
    auto const images = pictures();
    FrameAccumulator first(bins);
    auto outcomes = add_all(first, frames_of({images[0]}));
    FrameAccumulator second = std::move(first);
    for (auto& outcome : add_all(second, frames_of({images[1]}))) outcomes.push_back(outcome);
    CHECK(sums_of(second, outcomes) == plain_sums(*bins, {images[0], images[1]}));
    CHECK(&second.bins() == bins.get());
    CHECK(second.shared_bins() == bins);
}
