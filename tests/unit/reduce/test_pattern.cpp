// Counts to patterns and back.
#include "pipeline/reduce/pattern.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

using namespace sqd;

TEST_CASE("an image that follows the norm integrates to a flat pattern") {
    auto const bins = test::small_map();
    std::vector<double> image(bins->pixels());
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = 250 * static_cast<double>(bins->norm[i]);
    Pattern1D const pattern = to_pattern(*bins, integrate_image(*bins, image, 4, 0.5, 2));
    for (std::size_t b = 0; b < pattern.intensity.size(); ++b) {
        if (pattern.pixels[b] > 0) CHECK(pattern.intensity[b] == doctest::Approx(250).epsilon(1e-12)); // monitor x exposure is 1
    }
    CHECK(pattern.radial == bins->axis.centres());
    CHECK(pattern.q_invA == bins->q_invA);
    CHECK(pattern.polarization == bins->bin_polarization);
}

TEST_CASE("a ring appears at its own q") {
    Geometry const g = test::small_geometry();
    auto const bins = test::small_map(150);
    std::vector<double> image(bins->pixels());
    for (std::size_t i = 0; i < image.size(); ++i) {
        LabPoint const p = lab_point(g, static_cast<double>(i / g.cols) + 0.5, static_cast<double>(i % g.cols) + 0.5);
        double const q = q_invA(two_theta_rad(p), g.wavelength_A);
        image[i] = static_cast<double>(bins->norm[i]) * std::exp(-std::pow((q - 2.2) / 0.15, 2));
    }
    Pattern1D const pattern = to_pattern(*bins, integrate_image(*bins, image, 1, 1, 1));
    double weight = 0, moment = 0;
    for (std::size_t b = 0; b < pattern.q_invA.size(); ++b) {
        if (pattern.pixels[b] == 0) continue;
        weight += pattern.intensity[b];
        moment += pattern.intensity[b] * pattern.q_invA[b];
    }
    CHECK(moment / weight == doctest::Approx(2.2).epsilon(1e-3)); // a fraction of the bins' width, 0.025
}

TEST_CASE("an empty bin is not a number with no pixels, and zero counts have the sigma of one") {
    auto const bins = test::small_map(3000);
    Pattern1D const pattern = to_pattern(*bins, integrate_image(*bins, std::vector<double>(bins->pixels(), 0.0), 1, 1, 1));
    int empty = 0;
    for (std::size_t b = 0; b < pattern.intensity.size(); ++b) {
        bool const seen = bins->bin_pixels[b] > 0;
        empty += seen ? 0 : 1;
        CHECK(std::isnan(pattern.intensity[b]) == !seen);
        CHECK(std::isnan(pattern.sigma[b]) == !seen);
        CHECK(pattern.pixels[b] == bins->bin_pixels[b]);
        if (seen) CHECK(pattern.sigma[b] == doctest::Approx(1 / bins->bin_norm[b]));
    }
    CHECK(empty > 0);
}

TEST_CASE("more frames mean smaller sigma at the same intensity") {
    auto const bins = test::small_map();
    std::vector<double> const image(bins->pixels(), 10.0);
    Pattern1D const one = to_pattern(*bins, integrate_image(*bins, image, 1, 0.02, 3)),
                    many = to_pattern(*bins, integrate_image(*bins, image, 100, 0.02, 3));
    for (std::size_t b = 0; b < one.intensity.size(); ++b) {
        if (one.pixels[b] == 0) continue;
        CHECK(many.intensity[b] == doctest::Approx(one.intensity[b]).epsilon(1e-12));
        CHECK(many.sigma[b] == doctest::Approx(one.sigma[b] / 10).epsilon(1e-12));
    }
}

TEST_CASE("pixels of an image that are not finite are taken out with their norm") {
    auto const bins = test::small_map();
    std::vector<double> image(bins->pixels());
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = 8 * static_cast<double>(bins->norm[i]);
    for (std::size_t i = 0; i < image.size(); i += 5) image[i] = i % 2 == 0 ? std::nan("") : std::numeric_limits<double>::infinity();
    BinnedCounts const sums = integrate_image(*bins, image, 1, 1, 1);
    Pattern1D const pattern = to_pattern(*bins, sums);
    for (std::size_t b = 0; b < pattern.intensity.size(); ++b) {
        if (sums.pixels[b] > 0) CHECK(pattern.intensity[b] == doctest::Approx(8).epsilon(1e-12));
    }
    CHECK(std::accumulate(sums.pixels.begin(), sums.pixels.end(), 0.0) <
          std::accumulate(bins->bin_pixels.begin(), bins->bin_pixels.end(), 0.0));
}

TEST_CASE("a background is subtracted with its scale and its variance") {
    Pattern1D sample, background;
    sample.radial = background.radial = {1, 2};
    sample.intensity = {10, 5};
    sample.sigma = {3, 1};
    background.intensity = {4, std::nan("")};
    background.sigma = {8, 1};
    sample.pixels = {7, 8};
    Pattern1D const net = subtract(sample, background, 0.5);
    CHECK(net.intensity[0] == 8);
    CHECK(net.sigma[0] == 5);
    CHECK(std::isnan(net.intensity[1])); // no background there: no difference either
    CHECK(net.pixels == sample.pixels);
}
