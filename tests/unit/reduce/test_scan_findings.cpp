// What the sum of a scan's images shows: hot pixels leave the sums as if they had been masked, spots of crystals show as lines.
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <random>

using namespace sqd;

namespace {

constexpr unsigned seed = 20261128;
constexpr std::size_t hot_row = 60, hot_col = 33;

/// A glass of some `level` counts per pixel on the small detector.
PixelSum glass(BinMap const& bins, double level, std::mt19937_64& random) {
    PixelSum out;
    out.frames = 10;
    out.weight = 5;
    out.counts.resize(bins.pixels());
    for (std::size_t i = 0; i < out.counts.size(); ++i) {
        if (bins.bin[i] == bins.axis.size()) continue;
        double const q = bins.q_invA[bins.bin[i]], u = (q - 2.5) / 0.3;
        double const mean = level * static_cast<double>(bins.norm[i]) * (1.5 - 0.2 * q + std::exp(-u * u));
        out.counts[i] = static_cast<double>(std::poisson_distribution<long>(mean)(random));
    }
    return out;
}

std::size_t at(BinMap const& bins, std::size_t row, std::size_t col) {
    return row * bins.geometry.cols + col;
}

std::shared_ptr<FrameCounts const> as_frame(BinMap const& bins, std::uint64_t number, std::span<double const> image) {
    auto out = std::make_shared<FrameCounts>();
    out->number = number;
    out->exposure_s = 0.3;
    for (double const counts : integrate_image(bins, image, 1, 1, 1).counts) out->counts.push_back(static_cast<std::uint32_t>(counts));
    return out;
}

} // namespace

TEST_CASE("a hot pixel is found") {
    std::mt19937_64 random(seed);
    auto const bins = test::small_map();
    auto sum = glass(*bins, 50, random);
    sum.counts[at(*bins, hot_row, hot_col)] = 90000;
    auto const found = find_in_images(*bins, sum, {}, serial_for());
    REQUIRE(found.hot_pixels.size() == 1);
    CHECK(found.hot_pixels[0].row == hot_row);
    CHECK(found.hot_pixels[0].col == hot_col);
    CHECK(found.hot_pixels[0].counts == 90000);
    CHECK(found.lines.empty());
}

TEST_CASE("sums without a hot pixel are those of a mask that has it, whenever it was hot and whichever frames are left out") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    auto const bins = test::small_map();
    Mask mask = test::small_mask();
    mask(hot_row, hot_col) = 1;
    auto const masked = test::small_map(50, mask);
    // Forty frames; in one of them the pixel is hit by something.
    constexpr std::uint64_t hit = 7;
    ScanCounts scan{bins, {}}, truth{masked, {}};
    PixelSum sum;
    sum.frames = 40;
    sum.counts.assign(bins->pixels(), 0);
    for (std::uint64_t n = 0; n < 40; ++n) {
        auto image = glass(*bins, 5, random).counts;
        if (n == hit) image[at(*bins, hot_row, hot_col)] += 70000;
        for (std::size_t i = 0; i < image.size(); ++i) sum.counts[i] += image[i];
        scan.frames.push_back(as_frame(*bins, n, image));
        truth.frames.push_back(as_frame(*masked, n, image));
    }
    auto const found = find_in_images(*bins, sum, {}, serial_for());
    REQUIRE(found.hot_pixels.size() == 1);
    std::size_t const bin = bins->bin[at(*bins, hot_row, hot_col)];

    auto const sums_of = [&](ScanCounts const& of, auto const& keep, std::vector<HotPixel> const& pixels) {
        FrameList kept;
        std::copy_if(of.frames.begin(), of.frames.end(), std::back_inserter(kept), [&](auto const& frame) { return keep(frame->number); });
        auto sums = sum_frames(*of.bins, kept);
        leave_out(of, kept, pixels, sums);
        return sums;
    };
    auto const all = [](std::uint64_t) { return true; };
    auto const whole = sums_of(scan, all, found.hot_pixels), expected = sums_of(truth, all, {});
    CHECK(whole.counts == expected.counts);
    CHECK(whole.pixels == expected.pixels);
    for (std::size_t b = 0; b < whole.norm.size(); ++b) CHECK(whole.norm[b] == doctest::Approx(expected.norm[b]).epsilon(1e-12));

    for (bool const hit_is_kept : {true, false}) {
        auto const keep = [&](std::uint64_t n) { return n == hit ? hit_is_kept : n % 4 != 1; };
        auto const part = sums_of(scan, keep, found.hot_pixels), part_truth = sums_of(truth, keep, {});
        double const left_out = whole.counts[bin] - part_truth.counts[bin]; // what is estimated of it, counts at random
        CHECK(std::abs(part.counts[bin] - part_truth.counts[bin]) < 4 * std::sqrt(left_out));
        CHECK(part.counts[bin] != part_truth.counts[bin]);
        CHECK(part.norm[bin] == doctest::Approx(part_truth.norm[bin]).epsilon(1e-12));
        for (std::size_t b = 0; b < part.counts.size(); ++b) CHECK((b == bin || part.counts[b] == part_truth.counts[b]));
    }

    // The frame that was hit stays: what hit it is gone with the pixel.
    CHECK(select_points(scan, {}, nullptr, found.hot_pixels).rejected.empty());
    auto const without = select_points(scan, {}, nullptr);
    REQUIRE(without.rejected.size() == 1);
    CHECK(without.rejected[0].number == hit);
}

TEST_CASE("a pixel that was invalid in some frames has less norm to take out") {
    std::mt19937_64 random(seed);
    auto const bins = test::small_map();
    auto sum = glass(*bins, 50, random);
    std::size_t const pixel = at(*bins, hot_row, hot_col);
    sum.counts[pixel] = 90000;
    sum.invalid_frames.assign(bins->pixels(), 0);
    sum.invalid_frames[pixel] = 4;
    auto const found = find_in_images(*bins, sum, {}, serial_for());
    REQUIRE(found.hot_pixels.size() == 1);
    CHECK(found.hot_pixels[0].norm == doctest::Approx(0.6 * static_cast<double>(bins->norm[pixel])));
}

TEST_CASE("pixels scatter about their ring as counting does") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    auto const bins = test::small_map(25);
    auto const rings = ring_statistics(*bins, glass(*bins, 30, random), ring_pixels(*bins, serial_for()), {}, serial_for());
    double chi2 = 0, degrees = 0;
    for (std::size_t b = 0; b < rings.q_invA.size(); ++b) {
        if (!(rings.pixels[b] > 1)) continue;
        chi2 += rings.variance_ratio[b] * (rings.pixels[b] - 1);
        degrees += rings.pixels[b] - 1;
        double const counts = std::pow(rings.intensity[b] / rings.sigma[b], 2);
        CHECK(counts == doctest::Approx(rings.intensity[b] * bins->bin_norm[b]));
    }
    CHECK(std::abs(chi2 / degrees - 1) < 3.5 * std::sqrt(2 / degrees)); // true by 0.9995
}

TEST_CASE("a dead pixel is no crystal") {
    std::mt19937_64 random(seed);
    auto const bins = test::small_map(300);
    auto sum = glass(*bins, 400, random);
    sum.counts[at(*bins, 71, 51)] = 0;
    CHECK(find_in_images(*bins, sum, {}, serial_for()).lines.empty());
}

TEST_CASE("the spot of a crystal shows as a line, and is left out of the curves; a lonely hot pixel is no line") {
    std::mt19937_64 random(seed);
    auto const bins = test::small_map(300);
    auto sum = glass(*bins, 400, random);
    for (std::size_t row = 70; row < 73; ++row) {
        for (std::size_t col = 50; col < 53; ++col) sum.counts[at(*bins, row, col)] += 3000;
    }
    sum.counts[at(*bins, 20, 11)] += 5000;
    auto const found = find_in_images(*bins, sum, {}, serial_for());
    CHECK(found.hot_pixels.size() == 10);
    double const q_spot = bins->q_invA[bins->bin[at(*bins, 71, 51)]], q_lonely = bins->q_invA[bins->bin[at(*bins, 20, 11)]];
    auto const line_at = [&](double q) {
        return std::any_of(found.lines.begin(), found.lines.end(),
                           [q](BraggLine const& line) { return std::abs(line.q_invA - q) <= line.width_invA + 0.04; });
    };
    CHECK(line_at(q_spot));
    CHECK_FALSE(line_at(q_lonely));
    CHECK(find_in_images(*test::small_map(100), sum, {}, serial_for()).flags == std::vector<std::string>{"lines_not_watched:bins"});
    for (auto const& [low, high] : ranges_of(found.lines, *bins)) CHECK(high - low > 2 * 0.012);
}

TEST_CASE("what is found can be switched off, and uneven samples keep their pixels") {
    std::mt19937_64 random(seed);
    auto const bins = test::small_map();
    auto sum = glass(*bins, 50, random);
    sum.counts[at(*bins, hot_row, hot_col)] = 90000;
    CHECK(find_in_images(*bins, sum, {.hot_pixels = false}, serial_for()).hot_pixels.empty());
    sum.integers = false; // images of floating-point numbers
    CHECK(find_in_images(*bins, sum, {}, serial_for()).hot_pixels.empty());
    sum.integers = true;
    for (std::size_t i = 0; i < sum.counts.size(); i += 97) sum.counts[i] *= 30; // grains
    auto const uneven = find_in_images(*bins, sum, {}, serial_for());
    CHECK(uneven.hot_pixels.empty());
    CHECK(std::count(uneven.flags.begin(), uneven.flags.end(), "hot_pixels_too_many") == 1);
}

TEST_CASE("the fit of the peak does without the bins of a line") {
    // A line on the peak's flank moves the fit; left out, the fit is that of the bare peak.
    ReductionConfig config;
    config.energy_keV = 13;
    config.fsdp = FsdpConfig{true, 2.0, 3.2, PeakEstimator::split_pseudo_voigt};
    Pattern1D bare;
    for (double q = 1.5; q < 4; q += 0.01) {
        double const u = (q - 2.6) / 0.2;
        bare.q_invA.push_back(q);
        bare.radial.push_back(q);
        bare.intensity.push_back(100 - 5 * q + 200 / (1 + u * u));
        bare.sigma.push_back(0.1);
    }
    Pattern1D lined = bare;
    for (std::size_t i = 0; i < bare.q_invA.size(); ++i) {
        if (std::abs(bare.q_invA[i] - 2.72) < 0.025) lined.intensity[i] += 40;
    }
    double const truth = reduce_pattern(bare, nullptr, false, config).fsdp->q1;
    CHECK(std::abs(reduce_pattern(lined, nullptr, false, config).fsdp->q1 - truth) > 1e-3);
    config.left_out_invA = {{2.68, 2.76}};
    CHECK(reduce_pattern(lined, nullptr, false, config).fsdp->q1 == doctest::Approx(truth).epsilon(1e-6));
}
