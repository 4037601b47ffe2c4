// Dead time: a counter that is blind after each photon, photon by photon, and what is made of its counts.
#include "pipeline/reduce/count_corrections.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/selection.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace sqd;

namespace {

using Frames = std::vector<std::shared_ptr<FrameCounts const>>;

/// Photons come at random; one that comes while the counter is blind is lost and does not prolong it. Runs for a while before it counts.
std::uint32_t count_pixel(double rate, double tau_s, double exposure_s, std::mt19937& random) {
    std::exponential_distribution<double> wait(rate);
    double time = -20 * (tau_s + 1 / rate);
    std::uint32_t counts = 0;
    while (true) {
        time += wait(random);
        if (time >= exposure_s) return counts;
        if (time >= 0) ++counts;
        time += tau_s;
    }
}

/// The exact mean of it.
double measured(double rate, double tau_s, double exposure_s) {
    return exposure_s * rate / (1 + rate * tau_s);
}

/// A frame whose pixels all see the same mean rate, noise-free as far as whole counts allow.
std::shared_ptr<FrameCounts const> even_frame(BinMap const& bins, std::uint64_t number, double rate, double tau_s, double exposure_s) {
    auto out = std::make_shared<FrameCounts>();
    out->number = number;
    out->exposure_s = exposure_s;
    for (auto const pixels : bins.bin_pixels)
        out->counts.push_back(static_cast<std::uint32_t>(std::lround(pixels * measured(rate, tau_s, exposure_s))));
    return out;
}

BinnedCounts corrected(BinMap const& bins, Frames const& frames, double tau_s, std::vector<std::string>& flags) {
    return corrected_sums({test::borrowed(bins), frames}, frames, {}, {DeadTime{tau_s, false}, nullptr}, flags);
}

/// The sum of the images of even frames.
PixelSum even_sum(BinMap const& bins, std::vector<double> const& rates, double tau_s, double exposure_s) {
    double counts = 0;
    for (double const rate : rates) counts += measured(rate, tau_s, exposure_s);
    PixelSum sum;
    sum.counts.assign(bins.pixels(), counts);
    sum.frames = static_cast<double>(rates.size());
    sum.weight = sum.exposure_s = exposure_s * sum.frames;
    return sum;
}

} // namespace

TEST_CASE("the true rate comes back from frames of any rate and exposure, and photon by photon its scatter is what sigma says") {
    unsigned const seed = 20261201;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    auto const bins = test::small_map(8);
    double const tau = 1e-6, exposure = 1.5e-4, rate = 2.5e5; // blind for a fifth of the time
    std::vector<std::string> flags;
    double mean = 0, square = 0, count = 0, expected_error = 0;
    for (int repeat = 0; repeat < 150; ++repeat) {
        auto frame = std::make_shared<FrameCounts>();
        frame->exposure_s = exposure;
        for (auto const pixels : bins->bin_pixels) {
            std::uint32_t sum = 0;
            for (std::uint32_t i = 0; i < pixels; ++i) sum += count_pixel(rate, tau, exposure, random);
            frame->counts.push_back(sum);
        }
        auto const sums = corrected(*bins, {frame}, tau, flags);
        for (std::size_t b = 0; b < bins->axis.size(); ++b) {
            if (bins->bin_pixels[b] == 0) continue;
            double const truth = rate * exposure * bins->bin_pixels[b], sigma = std::sqrt(sums.variance[b]);
            mean += sums.counts[b] / truth;
            expected_error += std::pow(sigma / truth, 2);
            square += std::pow((sums.counts[b] - truth) / sigma, 2);
            ++count;
        }
    }
    CHECK(flags.empty());
    mean /= count;
    MESSAGE("true counts over known ones " << mean << " +- " << std::sqrt(expected_error) / count << ", mean square of " << count
                                           << " pulls " << square / count);
    CHECK(std::abs(mean - 1) < 3.3 * std::sqrt(expected_error) / count); // 999 of 1000
    CHECK(std::abs(square / count - 1) < 3.3 * std::sqrt(2 / count));
}

TEST_CASE("each frame is corrected by its own rate") {
    auto const bins = test::small_map(8);
    double const tau = 120e-9, exposure = 0.02;
    std::vector<std::string> flags;
    Frames const frames{even_frame(*bins, 0, 2e6, tau, exposure), even_frame(*bins, 1, 1e4, tau, exposure),
                        even_frame(*bins, 2, 8e5, tau, 2 * exposure)};
    auto const sums = corrected(*bins, frames, tau, flags);
    auto const raw = sum_frames(*bins, frames);
    for (std::size_t b = 0; b < bins->axis.size(); ++b) {
        double const truth = (2e6 + 1e4 + 2 * 8e5) * exposure * bins->bin_pixels[b];
        if (truth > 0) CHECK(sums.counts[b] == doctest::Approx(truth).epsilon(1e-5)); // counts are whole
        CHECK(raw.counts[b] <= sums.counts[b]);
    }
    CHECK(flags.empty());
}

TEST_CASE("pixels that are missing from a frame do not look like a lower rate") {
    auto const bins = test::small_map(8);
    double const tau = 120e-9, exposure = 0.02;
    auto half = std::make_shared<FrameCounts>(*even_frame(*bins, 0, 2e6, tau, exposure));
    half->counts[4] /= 2;
    half->deficits = {{4, static_cast<double>(bins->bin_pixels[4] / 2), bins->bin_norm[4] / 2}};
    std::vector<std::string> flags;
    auto const sums = corrected(*bins, {half}, tau, flags);
    CHECK(sums.counts[4] == doctest::Approx(2e6 * exposure * (bins->bin_pixels[4] - bins->bin_pixels[4] / 2)).epsilon(1e-2));
    CHECK(sums.counts[4] / half->counts[4] == doctest::Approx(1.24).epsilon(1e-3)); // 1 + n tau
}

TEST_CASE("a bin whose pixels differ is wrong by no more than is said") {
    auto const bins = test::small_map(1);
    double const tau = 120e-9, exposure = 1, low = 2e5, high = 6e5;
    auto frame = std::make_shared<FrameCounts>();
    frame->exposure_s = exposure;
    double const pixels = bins->bin_pixels[0], each = 0.5 * (measured(low, tau, exposure) + measured(high, tau, exposure));
    frame->counts = {static_cast<std::uint32_t>(std::min(pixels * each, 4e9))};
    BinMap few = *bins;
    few.bin_pixels[0] = 2; // so that the sum fits
    frame->counts[0] = static_cast<std::uint32_t>(std::lround(2 * each));
    std::vector<std::string> flags;
    double const found = corrected(few, {frame}, tau, flags).counts[0], truth = low + high;
    double const blind = each * tau,
                 relative_variance = std::pow(0.5 * (measured(high, tau, exposure) - measured(low, tau, exposure)) / each, 2);
    CHECK(found < truth);
    CHECK(1 - found / truth == doctest::Approx(blind * relative_variance).epsilon(0.15)); // first order
}

TEST_CASE("a pixel that is blind for half of the time is said, and its factor stays finite") {
    auto const bins = test::small_map(8);
    double const tau = 1e-6, exposure = 0.01;
    for (auto const& [counts_per_s, saturated] : {std::pair{4.9e5, false}, std::pair{5.1e5, true}, std::pair{2e6, true}}) {
        auto frame = std::make_shared<FrameCounts>();
        frame->exposure_s = exposure;
        for (auto const pixels : bins->bin_pixels)
            frame->counts.push_back(static_cast<std::uint32_t>(std::lround(pixels * counts_per_s * exposure)));
        std::vector<std::string> flags;
        auto const sums = corrected(*bins, {frame}, tau, flags);
        CHECK(flags == (saturated ? std::vector<std::string>{"dead_time_saturated"} : std::vector<std::string>{}));
        for (std::size_t b = 0; b < bins->axis.size(); ++b) CHECK(sums.counts[b] <= 2 * static_cast<double>(frame->counts[b]));
    }
}

TEST_CASE("a bin without counts keeps the error of one") {
    auto const bins = test::small_map(8);
    auto frame = std::make_shared<FrameCounts>();
    frame->counts.assign(8, 0);
    std::vector<std::string> flags;
    for (double const variance : corrected(*bins, {frame}, 1e-6, flags).variance) CHECK(variance == 1);
}

TEST_CASE("the sum of images is corrected where its frames are alike, and withheld where they are not") {
    auto const bins = test::small_map(8);
    double const tau = 120e-9, exposure = 0.02;
    auto const undo = [&](std::vector<double> const& rates) {
        Frames frames;
        for (double const rate : rates) frames.push_back(even_frame(*bins, frames.size(), rate, tau, exposure));
        auto sum = even_sum(*bins, rates, tau, exposure);
        auto const before = sum.counts;
        auto const done = undo_dead_time(sum, *bins, frames, tau);
        return std::tuple{done, sum, before};
    };
    auto const [done, sum, before] = undo({4e5, 4.05e5, 3.95e5, 4e5});
    CHECK(done == DeadTimeUndone::yes);
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
        CHECK(sum.counts[i] == doctest::Approx(16e5 * exposure).epsilon(1e-4));
        CHECK(sum.variance[i] == doctest::Approx(sum.counts[i] * sum.counts[i] / before[i]));
    }
    auto const [refused, untouched, as_before] = undo({4e5, 8e5, 1e5, 4e5});
    CHECK(refused == DeadTimeUndone::withheld);
    CHECK(untouched.counts == as_before);
    CHECK(untouched.variance.empty());
    CHECK(std::get<0>(undo({4e4, 6e4, 3e4, 4e4})) == DeadTimeUndone::withheld); // 0.5 % of the time blind, 5 % variance: 2.5e-4
    CHECK(std::get<0>(undo({4e3, 6e3, 3e3, 4e3})) == DeadTimeUndone::yes);
    CHECK(std::get<0>(undo({1e7, 1e7})) == DeadTimeUndone::saturated);
}

TEST_CASE("the sum of images of a photon-counting series, photon by photon") {
    unsigned const seed = 20261202;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    auto const bins = test::small_map(8);
    double const tau = 1e-6, exposure = 1e-3, rate = 5e4;
    PixelSum sum;
    sum.counts.resize(bins->pixels());
    Frames frames;
    for (std::uint64_t n = 0; n < 4; ++n) {
        auto frame = std::make_shared<FrameCounts>();
        frame->number = n;
        frame->exposure_s = exposure;
        frame->counts.assign(9, 0);
        for (std::size_t i = 0; i < bins->pixels(); ++i) {
            auto const counts = count_pixel(rate, tau, exposure, random);
            sum.counts[i] += counts;
            frame->counts[bins->bin[i]] += counts;
        }
        frame->counts.pop_back();
        frames.push_back(frame);
    }
    sum.frames = 4;
    sum.weight = sum.exposure_s = 4 * exposure;
    REQUIRE(undo_dead_time(sum, *bins, frames, tau) == DeadTimeUndone::yes);
    double mean = 0;
    for (double const counts : sum.counts) mean += counts / (4 * exposure * rate * static_cast<double>(bins->pixels()));
    double const sigma = 1.05 / std::sqrt(1.05 * 4 * exposure * rate * static_cast<double>(bins->pixels()));
    MESSAGE("true counts over known ones " << mean << " +- " << sigma);
    CHECK(std::abs(mean - 1) < 3.3 * sigma);
}
