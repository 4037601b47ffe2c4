// Spikes, saturated points and the edge of a sample: found where they were put, and nowhere else.
#include "pipeline/reduce/selection.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace sqd;

namespace {

constexpr unsigned seed = 20261127;

/// Counts of a frame: `level` per norm, falling with q, with a hump; `tilt` bends it as another thickness would.
std::shared_ptr<FrameCounts> drawn(BinMap const& bins, std::uint64_t number, double level, double tilt, std::mt19937_64& random) {
    auto out = std::make_shared<FrameCounts>();
    out->number = number;
    for (std::size_t b = 0; b < bins.axis.size(); ++b) {
        double const q = bins.q_invA[b], u = (q - 2.5) / 0.3;
        double const mean = level * bins.bin_norm[b] * (2 - 0.3 * q + 1.5 * std::exp(-u * u)) * (1 + tilt * q);
        out->counts.push_back(mean > 0 ? std::poisson_distribution<std::uint32_t>(mean)(random) : 0);
    }
    return out;
}

FrameList scan_of(std::size_t frames, double level, double largest_tilt, std::mt19937_64& random) {
    FrameList out;
    std::uniform_real_distribution<double> tilt(-largest_tilt, largest_tilt);
    for (std::uint64_t n = 0; n < frames; ++n) out.push_back(drawn(*test::small_map(), n, level, tilt(random), random));
    return out;
}

std::size_t how_many(std::vector<bool> const& found) {
    return static_cast<std::size_t>(std::count(found.begin(), found.end(), true));
}

/// The frames in which one bin has `factor` times its counts and `more` on top.
void spike(FrameList& frames, std::size_t frame, std::size_t bin, double factor, double more) {
    auto changed = std::make_shared<FrameCounts>(*frames[frame]);
    changed->counts[bin] = static_cast<std::uint32_t>(factor * changed->counts[bin] + more);
    frames[frame] = changed;
}

} // namespace

TEST_CASE("counting noise, and points of other thickness, have no spikes") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    std::size_t found = 0;
    for (double const level : {0.003, 0.05, 1.0, 40.0}) {
        for (int repeat = 0; repeat < 5; ++repeat)
            found += how_many(spiked_points(*test::small_map(), scan_of(60, level, 0.05, random), {}));
    }
    CHECK(found <= 1); // at most 1e-3 are expected of each of these 20 scans: two have a chance of 2e-4
}

TEST_CASE("a spike is found, in bright frames and in faint ones") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    auto bright = scan_of(60, 40, 0.05, random);
    spike(bright, 17, 20, 1.5, 0);
    auto const found = spiked_points(*test::small_map(), bright, {});
    CHECK(found[17]);
    CHECK(how_many(found) == 1);
    auto faint = scan_of(60, 0.003, 0, random);
    spike(faint, 5, 31, 1, 30);
    CHECK(spiked_points(*test::small_map(), faint, {})[5]);
    CHECK(how_many(spiked_points(*test::small_map(), faint, {})) == 1);
}

TEST_CASE("a module that was not sent makes no spikes beside its gap") {
    std::mt19937_64 random(seed);
    auto frames = scan_of(30, 20, 0, random);
    auto const bins = test::small_map();
    auto cut = std::make_shared<FrameCounts>(*frames[3]);
    for (std::size_t b = 10; b < 25; ++b) {
        cut->counts[b] = 0;
        cut->deficits.push_back({static_cast<std::uint16_t>(b), static_cast<double>(bins->bin_pixels[b]), bins->bin_norm[b]});
    }
    frames[3] = cut;
    CHECK(how_many(spiked_points(*bins, frames, {})) == 0);
    CHECK(how_many(saturated_points(*bins, frames)) == 1);
    CHECK(saturated_points(*bins, frames)[3]);
}

TEST_CASE("a pixel that is invalid in every frame, or in one, is no reason to reject a point") {
    std::mt19937_64 random(seed);
    auto frames = scan_of(30, 20, 0, random);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto with = std::make_shared<FrameCounts>(*frames[i]);
        with->deficits = {{7, i == 4 ? 2.0 : 1.0, 0.5}};
        frames[i] = with;
    }
    CHECK(how_many(saturated_points(*test::small_map(), frames)) == 0);
}

TEST_CASE("what happens in more than a tenth of the points is the sample's, and stays") {
    std::mt19937_64 random(seed);
    auto frames = scan_of(40, 40, 0, random);
    for (std::size_t i = 0; i < 4; ++i) spike(frames, 9 * i, 20, 2, 0);
    auto const few = select_points({test::small_map(), frames}, {}, nullptr);
    CHECK(few.rejected.size() == 4);
    for (auto const& rejected : few.rejected) CHECK(rejected.reason == "spike");
    CHECK(few.flags.empty());
    spike(frames, 39, 20, 2, 0);
    auto const many = select_points({test::small_map(), frames}, {}, nullptr);
    CHECK(many.rejected.empty());
    CHECK(many.flags == std::vector<std::string>{"spike_in_many_points"});
}

TEST_CASE("points on the sample's edge are told from thin ones inside, whichever way the lines run") {
    std::mt19937_64 random(seed);
    constexpr std::size_t rows = 10, cols = 12;
    for (bool const snake : {false, true}) {
        // The sample fills columns 4 to 8; column 4 sees 70 % of the beam, a thin place inside 80 %.
        FrameList frames;
        std::vector<std::uint64_t> edge;
        for (std::uint64_t n = 0; n < rows * cols; ++n) {
            std::size_t const row = n / cols, along = n % cols, col = snake && row % 2 == 1 ? cols - 1 - along : along;
            double const level = col < 4 || col > 8 ? 2 : col == 4 ? 16 : col == 6 && row == 5 ? 18 : 22;
            if (col == 4) edge.push_back(n);
            frames.push_back(drawn(*test::small_map(), n, level, 0, random));
        }
        auto const selection = select_points({test::small_map(), frames}, {.grid = MapGrid{rows, cols, {}, snake}}, nullptr);
        std::vector<std::uint64_t> found;
        for (auto const& rejected : selection.rejected) {
            if (rejected.reason == "edge") found.push_back(rejected.number);
        }
        CHECK(found == edge);
        CHECK(selection.kept.size() == rows * 4);
    }
}

TEST_CASE("odd points are the same for any order of the frames") {
    std::mt19937_64 random(seed);
    auto frames = scan_of(40, 40, 0.05, random);
    spike(frames, 11, 20, 1.5, 0);
    std::shuffle(frames.begin(), frames.end(), random);
    auto const selection = select_points({test::small_map(), frames}, {}, nullptr);
    REQUIRE(selection.rejected.size() == 1);
    CHECK(selection.rejected[0].number == 11);
}
