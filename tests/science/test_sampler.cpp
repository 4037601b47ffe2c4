// The simulator's random counts are Poisson, pixel by pixel and frame by frame.
#include "daemon/simulate/poisson_sampler.hpp"
#include "daemon/simulate/random_block.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;

namespace {

/// One frame of the sampler as a whole image.
std::vector<std::uint32_t> frame(PoissonSampler const& sampler, std::uint64_t key) {
    std::vector<std::uint32_t> out(sampler.pixels());
    for (std::size_t begin = 0; begin < out.size(); begin += sampler_block)
        sampler.draw(key, begin / sampler_block, std::span(out).subspan(begin, std::min(sampler_block, out.size() - begin)));
    return out;
}

/// Draws of pixels that all have the mean `mean`; two other pixels spread the classes over a range, as in an image.
struct Draws {
    std::vector<std::uint32_t> counts;
};
Draws draws(double mean, std::uint64_t seed) {
    constexpr std::size_t pixels = 100'000, frames = 10;
    Image<double> image(1, pixels + 2, mean);
    image.pixels[pixels] = mean * 0.13;
    image.pixels[pixels + 1] = mean * 4.2;
    PoissonSampler const sampler(image);
    Draws result;
    for (std::size_t k = 0; k < frames; ++k) {
        auto const one = frame(sampler, derive(seed, k));
        result.counts.insert(result.counts.end(), one.begin(), one.begin() + pixels);
    }
    return result;
}

double poisson(double mean, double k) {
    return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
}

/// Pearson's chi^2 of the histogram, as standard normal deviates: (chi2 - n) / sqrt(2 n). Cells with fewer than 10 expected are joined.
double chi2_deviate(std::vector<std::uint32_t> const& counts, double mean) {
    auto const largest = *std::max_element(counts.begin(), counts.end());
    std::vector<double> histogram(largest + 1);
    for (auto const c : counts) ++histogram[c];
    auto const total = static_cast<double>(counts.size());
    double chi2 = 0, observed = 0, expected = 0, covered = 0;
    int cells = 0;
    for (std::size_t k = 0; k <= largest; ++k) {
        observed += histogram[k];
        expected += total * poisson(mean, static_cast<double>(k));
        if (expected < 10 || total - covered - expected < 10) continue;
        chi2 += (observed - expected) * (observed - expected) / expected;
        covered += expected;
        ++cells;
        observed = expected = 0;
    }
    auto const rest = total - covered;
    chi2 += (observed - rest) * (observed - rest) / rest;
    return (chi2 - cells) / std::sqrt(2.0 * cells);
}

} // namespace

TEST_CASE("counts have the mean, variance and distribution of Poisson, from rare to many") {
    for (auto const mean : {0.01, 0.3, 1.4, 7.7, 40.0, 230.0, 1000.0}) {
        CAPTURE(mean);
        auto const counts = draws(mean, 11).counts;
        auto const n = static_cast<double>(counts.size());
        double sum = 0, squares = 0;
        for (auto const c : counts) {
            sum += c;
            squares += (c - mean) * (c - mean);
        }
        // 4 standard errors; the variance of (k - m)^2 is 2 m^2 + m, and the sampler may add 6e-6 * 4 m^2 ... see below
        CHECK(std::abs(sum / n - mean) < 4 * std::sqrt(mean / n));
        auto const mixture = std::pow((std::sqrt(4.2 * mean) - std::sqrt(0.13 * mean)) / 512, 2) * mean;
        CHECK(squares / n - mean < mixture + 4 * std::sqrt((2 * mean * mean + mean) / n));
        CHECK(squares / n - mean > -4 * std::sqrt((2 * mean * mean + mean) / n));
        CHECK(std::abs(chi2_deviate(counts, mean)) < 4);
    }
}

TEST_CASE("pixels and frames are independent of one another") {
    constexpr double mean = 1.4;
    PoissonSampler const sampler(Image<double>(1, 200'000, mean));
    auto const a = frame(sampler, derive(5, 0)), b = frame(sampler, derive(5, 1));
    auto const n = static_cast<double>(a.size());
    auto const correlation = [&](auto const& x, auto const& y, std::size_t shift) {
        double sum = 0;
        for (std::size_t i = 0; i + shift < x.size(); ++i) sum += (x[i] - mean) * (y[i + shift] - mean);
        return sum / (mean * n);
    };
    // a correlation coefficient of independent draws scatters by 1/sqrt(n)
    CHECK(std::abs(correlation(a, b, 0)) < 4 / std::sqrt(n));
    for (auto const shift : {1UL, 2UL, 16UL, 32UL, 2048UL}) {
        CAPTURE(shift);
        CHECK(std::abs(correlation(a, a, shift)) < 4 / std::sqrt(n));
        CHECK(std::abs(correlation(a, b, shift)) < 4 / std::sqrt(n));
    }
    CHECK(std::abs(correlation(a, a, 0) - 1) < 4 * std::sqrt((2 + 1 / mean) / n));
}

TEST_CASE("every pixel of an image has its own mean, also between classes") {
    Image<double> image(1, 4000);
    for (std::size_t i = 0; i < image.size(); ++i) image.pixels[i] = 0.2 + 0.0025 * static_cast<double>(i);
    PoissonSampler const sampler(image);
    std::vector<double> sum(image.size());
    constexpr int frames = 400;
    for (std::uint64_t k = 0; k < frames; ++k) {
        auto const one = frame(sampler, derive(17, k));
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i];
    }
    double chi2 = 0, total = 0, expected = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        auto const mean = frames * image.pixels[i];
        chi2 += (sum[i] - mean) * (sum[i] - mean) / mean;
        total += sum[i];
        expected += mean;
    }
    auto const n = static_cast<double>(image.size());
    CHECK(std::abs(chi2 - n) < 4 * std::sqrt(2 * n)); // chi^2 of n terms
    CHECK(std::abs(total - expected) < 4 * std::sqrt(expected));
}

TEST_CASE("the same address gives the same counts, another seed, series or frame gives others") {
    PoissonSampler const sampler(Image<double>(1, 5000, 2.0));
    CHECK(frame(sampler, derive(1, 2)) == frame(sampler, derive(1, 2)));
    CHECK(frame(sampler, derive(1, 2)) != frame(sampler, derive(1, 3)));
    CHECK(frame(sampler, derive(1, 2)) != frame(sampler, derive(2, 2)));
}

TEST_CASE("masked pixels are all-ones in every frame, dark ones are zero") {
    Image<double> image(1, 3000, 0.0);
    image.pixels[7] = image.pixels[2999] = std::numeric_limits<double>::quiet_NaN();
    PoissonSampler const sampler(image);
    auto const one = frame(sampler, 3);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i] == (i == 7 || i == 2999 ? masked_pixel : 0U));
}
