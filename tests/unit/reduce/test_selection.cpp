// Selection of points, and sums over the frames that are kept.
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/selection.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace sqd;

namespace {

/// A frame that counts `level` per unit of norm, monitor and second in every bin, with Poisson noise.
std::shared_ptr<FrameCounts const> frame(BinMap const& bins, std::uint64_t number, double level, double monitor = 1,
                                         double exposure_s = 1) {
    std::mt19937 random(static_cast<unsigned>(number) + 1000);
    auto out = std::make_shared<FrameCounts>();
    out->number = number;
    out->monitor = monitor;
    out->exposure_s = exposure_s;
    for (double const norm : bins.bin_norm) {
        double const mean = level * norm * monitor * exposure_s;
        out->counts.push_back(mean > 0 ? std::poisson_distribution<std::uint32_t>(mean)(random) : 0);
    }
    return out;
}

/// Counts that are exactly `level` per unit of norm.
BinnedCounts air_of(BinMap const& bins, double level) {
    BinnedCounts out{bins.bin_norm, bins.bin_norm, {bins.bin_pixels.begin(), bins.bin_pixels.end()}, 1};
    for (double& counts : out.counts) counts *= level;
    return out;
}

std::vector<std::uint64_t> numbers(std::vector<std::shared_ptr<FrameCounts const>> const& frames) {
    std::vector<std::uint64_t> out;
    for (auto const& f : frames) out.push_back(f->number);
    return out;
}

/// Forty points, of which 10 to 14 hit air.
ScanCounts ribbon(double on, double off) {
    ScanCounts scan{test::small_map(), {}};
    for (std::uint64_t i = 0; i < 40; ++i) scan.frames.push_back(frame(*scan.bins, i, i >= 10 && i < 15 ? off : on));
    return scan;
}

std::vector<std::uint64_t> rejected_of(Selection const& selection, std::string const& reason) {
    std::vector<std::uint64_t> out;
    for (auto const& r : selection.rejected) {
        CHECK(r.reason == reason);
        out.push_back(r.number);
    }
    return out;
}

std::vector<std::uint64_t> const air_points{10, 11, 12, 13, 14};

} // namespace

TEST_CASE("points beside the sample are found by half the sample's level, or nearer to the air's level where that is known") {
    BinnedCounts const air = air_of(*test::small_map(), 3);
    CHECK(rejected_of(select_points(ribbon(5, 1), {}, nullptr), "off_sample") == air_points);
    CHECK(rejected_of(select_points(ribbon(5, 3), {}, &air), "off_sample") == air_points);
    CHECK(select_points(ribbon(5, 3), {}, nullptr).rejected.empty()); // above half: not told apart without the air
    Selection const kept = select_points(ribbon(5, 1), {}, nullptr);
    CHECK(kept.kept.size() == 35);
    auto const order = numbers(kept.kept);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a map that mostly misses the sample still finds it, as long as more than a quarter of the points hit") {
    ScanCounts scan{test::small_map(), {}};
    for (std::uint64_t i = 0; i < 40; ++i) scan.frames.push_back(frame(*scan.bins, i, i % 3 == 0 ? 6 : 1));
    for (auto const& kept : select_points(scan, {}, nullptr).kept) CHECK(kept->number % 3 == 0);
    CHECK(select_points(scan, {}, nullptr).kept.size() == 14);
}

TEST_CASE("nothing is rejected where sample and air are alike, or where the search is off") {
    BinnedCounts const air = air_of(*test::small_map(), 5);
    CHECK(select_points(ribbon(5, 5), {}, &air).rejected.empty());
    CHECK(select_points(ribbon(5, 1), {.off_sample = false}, nullptr).kept.size() == 40);
    CHECK(select_points({test::small_map(), {}}, {}, nullptr).kept.empty());
}

TEST_CASE("a fading monitor is not taken for the sample's edge, a dark one has no norm") {
    ScanCounts scan{test::small_map(), {}};
    for (std::uint64_t i = 0; i < 20; ++i) scan.frames.push_back(frame(*scan.bins, i, 4, i < 10 ? 1.0 : 0.2, i % 2 == 0 ? 1.0 : 0.5));
    CHECK(select_points(scan, {}, nullptr).rejected.empty());
    scan.frames.push_back(frame(*scan.bins, 20, 4, 0));
    CHECK(rejected_of(select_points(scan, {}, nullptr), "no_monitor") == std::vector<std::uint64_t>{20});
}

TEST_CASE("only the signal window decides") {
    ScanCounts scan = ribbon(4, 4);
    // point 5 loses the counts below 2 1/A, point 6 those above
    for (std::size_t const i : {5U, 6U}) {
        auto changed = std::make_shared<FrameCounts>(*scan.frames[i]);
        for (std::size_t b = 0; b < changed->counts.size(); ++b) {
            if ((scan.bins->q_invA[b] < 2) == (i == 5)) changed->counts[b] = 0;
        }
        scan.frames[i] = changed;
    }
    CHECK(rejected_of(select_points(scan, {.signal_window_invA = {2.0, 4.0}, .odd_points = false}, nullptr), "off_sample") ==
          std::vector<std::uint64_t>{6});
    CHECK(rejected_of(select_points(scan, {.signal_window_invA = {0.3, 2.0}, .odd_points = false}, nullptr), "off_sample") ==
          std::vector<std::uint64_t>{5});
}

TEST_CASE("a dead module does not make a point an off-sample one") {
    ScanCounts scan = ribbon(4, 4);
    auto half = std::make_shared<FrameCounts>(*scan.frames[7]);
    for (std::size_t b = 0; b < half->counts.size(); b += 2) { // every other bin is lost, 60 % of the counts and more
        half->counts[b] = 0;
        if (b + 1 < half->counts.size()) half->counts[b + 1] /= 2;
        half->deficits.push_back({static_cast<std::uint16_t>(b), static_cast<double>(scan.bins->bin_pixels[b]), scan.bins->bin_norm[b]});
        if (b + 1 < half->counts.size()) {
            half->deficits.push_back(
                {static_cast<std::uint16_t>(b + 1), static_cast<double>(scan.bins->bin_pixels[b + 1] / 2), scan.bins->bin_norm[b + 1] / 2});
        }
    }
    scan.frames[7] = half;
    CHECK(select_points(scan, {.odd_points = false}, nullptr).rejected.empty());
    CHECK(rejected_of(select_points(scan, {}, nullptr), "saturated") == std::vector<std::uint64_t>{7});
}

TEST_CASE("the selection does not depend on the order of the frames") {
    ScanCounts scan = ribbon(5, 1);
    std::reverse(scan.frames.begin(), scan.frames.end());
    auto found = rejected_of(select_points(scan, {}, nullptr), "off_sample");
    std::sort(found.begin(), found.end());
    CHECK(found == air_points);
}

TEST_CASE("a sum weighs each frame by monitor and exposure and takes deficits out") {
    auto const bins = test::small_map();
    auto first = std::make_shared<FrameCounts>(*frame(*bins, 0, 10, 2, 0.5));
    auto second = std::make_shared<FrameCounts>(*frame(*bins, 1, 10, 3, 2));
    second->deficits = {{20, 4, 1.5}};
    BinnedCounts const sums = sum_frames(*bins, {first, second});
    for (std::size_t b = 0; b < bins->axis.size(); ++b) {
        CHECK(sums.counts[b] == static_cast<double>(first->counts[b]) + second->counts[b]);
        CHECK(sums.norm[b] == doctest::Approx(7 * bins->bin_norm[b] - (b == 20 ? 6 * 1.5 : 0)));
        CHECK(sums.pixels[b] == doctest::Approx(bins->bin_pixels[b] - (b == 20 ? 2.0 : 0.0)));
    }
    CHECK(sums.frames == 2);
    CHECK(sum_frames(*bins, {}).frames == 0);
}

TEST_CASE("a bin that no frame saw is empty, not a rounding residue") {
    auto const bins = test::small_map();
    std::vector<std::shared_ptr<FrameCounts const>> frames;
    for (std::uint64_t i = 0; i < 7; ++i) {
        auto f = std::make_shared<FrameCounts>(*frame(*bins, i, 10, 0.1 * static_cast<double>(i + 1), 0.3));
        f->counts[20] = 0;
        f->deficits = {{20, static_cast<double>(bins->bin_pixels[20]), bins->bin_norm[20]}};
        frames.push_back(f);
    }
    BinnedCounts const sums = sum_frames(*bins, frames);
    CHECK(sums.norm[20] == 0);
    CHECK(sums.pixels[20] == 0);
    CHECK(std::isnan(to_pattern(*bins, sums).intensity[20]));
}

TEST_CASE("sums over frames do not depend on their order, to the last bit") {
    auto const bins = test::small_map();
    std::vector<std::shared_ptr<FrameCounts const>> frames;
    for (std::uint64_t i = 0; i < 50; ++i) frames.push_back(frame(*bins, i, 3, 1 + 0.01 * static_cast<double>(i * i % 17), 0.02));
    BinnedCounts const in_order = sum_frames(*bins, frames);
    std::mt19937 random(1);
    std::shuffle(frames.begin(), frames.end(), random);
    BinnedCounts const shuffled = sum_frames(*bins, frames);
    CHECK(in_order.counts == shuffled.counts);
    CHECK(in_order.norm == shuffled.norm);
}
