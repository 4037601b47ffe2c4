// Dark counts: subtracted by time, and as uncertain as repeated counting says.
#include "pipeline/reduce/count_corrections.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/selection.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

constexpr double dark_rate = 0.3; ///< counts per pixel second

/// Counts per bin of a frame: light x norm, and dark x pixels.
std::shared_ptr<FrameCounts const> frame(BinMap const& bins, double light, double exposure_s, std::mt19937* random,
                                         std::uint64_t number = 0) {
    auto out = std::make_shared<FrameCounts>();
    out->number = number;
    out->exposure_s = exposure_s;
    for (std::size_t b = 0; b < bins.axis.size(); ++b) {
        double const mean = exposure_s * (light * bins.bin_norm[b] + dark_rate * bins.bin_pixels[b]);
        out->counts.push_back(
            static_cast<std::uint32_t>(random == nullptr ? std::lround(mean) : std::poisson_distribution<int>(mean)(*random)));
    }
    return out;
}

DarkScan dark_of(std::shared_ptr<BinMap const> const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames) {
    return {"the dark", bins, sum_frames(*bins, frames).counts, pixel_seconds(*bins, frames), nullptr};
}

Pattern1D pattern(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames, DarkScan const& dark) {
    std::vector<std::string> flags;
    return to_pattern(bins, corrected_sums({test::borrowed(bins), frames}, frames, {}, {std::nullopt, &dark}, flags));
}

/// Mean square of (value - truth) / sigma over repetitions and bins, and how many went in.
struct Pulls {
    double sum = 0, count = 0;
    void add(std::vector<double> const& values, std::vector<double> const& sigma, double truth) {
        for (std::size_t b = 0; b < values.size(); ++b) {
            if (!(sigma[b] > 0)) continue;
            sum += std::pow((values[b] - truth) / sigma[b], 2);
            ++count;
        }
    }
    /// 3.3 standard deviations: passed by 999 in 1000. The errors are estimates from some `counts` counts, which adds their relative
    /// variance.
    void check(double counts) const {
        double const mean = sum / count, slack = 3.3 * std::sqrt(2 / count) + 3 / counts;
        MESSAGE("mean square of " << count << " pulls " << mean << ", allowed 1 +- " << slack);
        CHECK(std::abs(mean - 1) < slack);
    }
};

} // namespace

TEST_CASE("dark counts go with time, not with the monitor, and follow pixels that were invalid") {
    auto const bins = test::small_map(20);
    auto const dark = dark_of(bins, {frame(*bins, 0, 1e6, nullptr)});
    auto long_one = std::make_shared<FrameCounts>(*frame(*bins, 5e4, 8, nullptr));
    long_one->monitor = 3;
    auto short_one = std::make_shared<FrameCounts>(*frame(*bins, 5e4, 2, nullptr, 1));
    short_one->monitor = 3;
    for (double const intensity : pattern(*bins, {long_one, short_one}, dark).intensity) {
        if (std::isfinite(intensity)) CHECK(intensity == doctest::Approx(5e4 / 3).epsilon(1e-5));
    }
    // half of a bin's pixels missing: half of its dark counts
    auto const b = std::uint16_t{10};
    auto half = std::make_shared<FrameCounts>(*long_one);
    half->counts[b] /= 2;
    half->deficits = {{b, static_cast<double>(bins->bin_pixels[b] / 2), bins->bin_norm[b] / 2}};
    CHECK(pattern(*bins, {half}, dark).intensity[b] == doctest::Approx(5e4 / 3).epsilon(1e-3));
}

TEST_CASE("less light than dark: what is negative stays so, and the error is that of what was counted") {
    auto const bins = test::small_map(20);
    BinnedCounts sums{std::vector<double>(20, 9), std::vector<double>(20, 2), std::vector<double>(20, 4), 1};
    std::vector<std::string> flags;
    set_dark(sums, std::vector<double>(20, 8), {"d", bins, std::vector<double>(20, 24), std::vector<double>(20, 16), nullptr});
    auto const p = to_pattern(*bins, sums);
    CHECK(p.intensity[3] == (9 - 12) / 2.0);
    CHECK(p.sigma[3] == doctest::Approx(std::sqrt(9 + 24 * 0.25) / 2));
    CHECK(p.counts[3] == -3);
}

TEST_CASE("a bin that the dark did not see is no number, one that nobody saw has no dark") {
    auto const bins = test::small_map(3);
    BinnedCounts sums{{9, 9, 0}, {2, 2, 0}, {4, 4, 0}, 1};
    set_dark(sums, {8, 8, 0}, {"d", bins, {24, 0, 0}, {16, 0, 0}, nullptr});
    CHECK(std::isfinite(to_pattern(*bins, sums).intensity[0]));
    CHECK(std::isnan(to_pattern(*bins, sums).intensity[1]));
    CHECK(sums.dark[2] == 0);
}

TEST_CASE("sigma of counts minus dark is the scatter under repeated counting") {
    unsigned const seed = 20261128;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    auto const bins = test::small_map(20);
    Pulls pulls;
    for (int repeat = 0; repeat < 300; ++repeat) {
        auto const dark = dark_of(bins, {frame(*bins, 0, 5, &random)});
        auto const p = pattern(*bins, {frame(*bins, 0.3, 4, &random, 0), frame(*bins, 0.3, 4, &random, 1)}, dark);
        pulls.add(p.intensity, p.sigma, 0.3);
    }
    pulls.check(200);
}

TEST_CASE("a dark that sample and background share errs in both: sigma of the difference knows it") {
    unsigned const seed = 20261129;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    auto const bins = test::small_map(20);
    Pulls shared, apart;
    for (int repeat = 0; repeat < 300; ++repeat) {
        auto const dark = dark_of(bins, {frame(*bins, 0, 3, &random)});
        auto other = dark_of(bins, {frame(*bins, 0, 3, &random)});
        other.uid = "another";
        auto const sample = frame(*bins, 0.5, 8, &random), air = frame(*bins, 0.2, 6, &random);
        auto const net = subtract(pattern(*bins, {sample}, dark), pattern(*bins, {air}, dark), 0.8);
        shared.add(net.intensity, net.sigma, 0.5 - 0.8 * 0.2);
        auto const two = subtract(pattern(*bins, {sample}, dark), pattern(*bins, {air}, other), 0.8);
        apart.add(two.intensity, two.sigma, 0.5 - 0.8 * 0.2);
    }
    shared.check(200);
    apart.check(200);
}

TEST_CASE("with splitting the same holds pixel by pixel") {
    unsigned const seed = 20261130;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    Geometry const g = test::small_geometry();
    IntegrationConfig config;
    config.npt = 20;
    config.split = Split::full;
    auto const map = build_bin_map(g, test::small_mask(), config, std::nullopt, 13.8, serial_for());
    auto const counted = [&](double light, double exposure_s) {
        PixelSum sum;
        for (float const norm : map.rings->optics)
            sum.counts.push_back(std::poisson_distribution<int>(exposure_s * (light * static_cast<double>(norm) + dark_rate))(random));
        sum.frames = 1;
        sum.weight = sum.exposure_s = exposure_s;
        return sum;
    };
    Pulls pulls;
    for (int repeat = 0; repeat < 100; ++repeat) {
        auto sum = counted(0.3, 8);
        set_dark(sum, counted(0, 5));
        auto const rings = integrate_rings(*map.rings, sum, {}, serial_for());
        pulls.add(rings.intensity, rings.sem, 0.3);
    }
    // neighbours share pixels, so that pulls are not all independent: half as many count
    pulls.count /= 2;
    pulls.sum /= 2;
    pulls.check(200);
}
