// Errors of rings, and what does not belong to them.
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/ring_outliers.hpp"
#include "pipeline/reduce/trimmed_mean.hpp"
#include "tests/support/ring_bins.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("errors of split bins: sem is the scatter under repeated counting, neighbours correlate as said") {
    unsigned const seed = 20261126;
    MESSAGE("seed " << seed);
    auto const g = test::tilted_geometry();
    auto config = asked(Split::full, 60); // bins of about a pixel: most pixels are shared
    auto const bins = bins_of(g, config);
    auto const expected = flat_field(g, config, 100);
    std::mt19937 random(seed);
    constexpr int draws = 400;
    std::vector<double> variance(60), common(59), sem2(60);
    for (int draw = 0; draw < draws; ++draw) {
        std::vector<double> counts;
        for (double const mean : expected) counts.push_back(std::poisson_distribution<int>(mean)(random));
        auto const rings = integrate_rings(bins, sum_of(counts), {}, serial_for());
        for (std::size_t b = 0; b < 60; ++b) {
            variance[b] += std::pow(rings.intensity[b] - 100, 2) / draws;
            sem2[b] += rings.sem[b] * rings.sem[b] / draws;
            if (b + 1 < 60) common[b] += (rings.intensity[b] - 100) * (rings.intensity[b + 1] - 100) / draws;
        }
    }
    // the mean over 60 bins of a variance from 400 draws scatters by sqrt(2 / 400 / 60) = 0.009, correlated bins by a little more
    double ratio = 0;
    for (std::size_t b = 0; b < 60; ++b) ratio += variance[b] / sem2[b] / 60;
    CHECK(ratio == doctest::Approx(1).epsilon(0.05));
    PixelTerms const terms(expected, {}, {.optics = bins.optics});
    auto const said = neighbour_correlation(sum_rings(bins.shares, terms, ErrorModel::poisson, false, serial_for()));
    double found = 0, mean = 0;
    for (std::size_t b = 0; b < 59; ++b) {
        found += common[b] / std::sqrt(variance[b] * variance[b + 1]) / 59;
        mean += said[b] / 59;
    }
    CHECK(mean > 0.1);
    CHECK(found == doctest::Approx(mean).epsilon(0.1)); // sqrt(1 / 400 / 59) = 0.0065 of about 0.2
}

TEST_CASE("a median and a trimmed mean are as uncertain as they say") {
    unsigned const seed = 20261127;
    MESSAGE("seed " << seed);
    CHECK(trimmed_mean_variance(0.5, 0.5) == doctest::Approx(std::numbers::pi / 2));
    CHECK(trimmed_mean_variance(0.4999, 0.5001) == doctest::Approx(std::numbers::pi / 2).epsilon(1e-3));
    CHECK(trimmed_mean_variance(0, 1) == doctest::Approx(1).epsilon(1e-6));
    CHECK(trimmed_mean_variance(0.25, 0.75) == doctest::Approx(1.195).epsilon(0.005)); // the midmean of normal values
    auto const g = test::tilted_geometry();
    std::mt19937 random(seed);
    for (auto const& [low, high] : {std::pair{0.5, 0.5}, std::pair{0.25, 0.75}, std::pair{0.1, 0.6}}) {
        auto config = asked(Split::none, 8);
        config.outliers.method = Outliers::Method::quantile;
        config.outliers.low = low;
        config.outliers.high = high;
        auto const bins = bins_of(g, config);
        auto const expected = flat_field(g, config, 400);
        constexpr int draws = 300;
        std::vector<double> sum(8), squares(8), sem2(8);
        for (int draw = 0; draw < draws; ++draw) {
            std::vector<double> counts;
            for (double const mean : expected) counts.push_back(std::poisson_distribution<int>(mean)(random));
            auto const rings = integrate_rings(bins, sum_of(counts), {}, serial_for());
            for (std::size_t b = 0; b < 8; ++b) {
                sum[b] += rings.intensity[b];
                squares[b] += rings.intensity[b] * rings.intensity[b];
                sem2[b] += rings.sem[b] * rings.sem[b];
            }
        }
        double ratio = 0;
        for (std::size_t b = 1; b < 7; ++b) // the outermost bins have few pixels
            ratio += (squares[b] - sum[b] * sum[b] / draws) / sem2[b] / 6;
        MESSAGE("quantiles " << low << " to " << high << ": variance over what is said " << ratio);
        // six variances of 300 draws: sqrt(2 / 1800) = 0.033; 3.3 of that, and 2 % for what is not normal in a ring
        CHECK(ratio == doctest::Approx(1).epsilon(0.13));
    }
}

TEST_CASE("without splitting neighbours do not correlate") {
    auto const config = asked(Split::none);
    auto const bins = bins_of(test::tilted_geometry(), config);
    auto const counts = flat_field(test::tilted_geometry(), config, 10);
    PixelTerms const terms(counts, {}, {.optics = bins.optics});
    for (double const r : neighbour_correlation(sum_rings(bins.shares, terms, ErrorModel::poisson, false, serial_for()))) CHECK(r == 0);
}

TEST_CASE("the azimuthal error of Poisson counts is the Poisson error, and of a textured ring it is larger") {
    auto const g = test::tilted_geometry();
    auto config = asked(Split::none, 10);
    std::mt19937 random(4);
    std::vector<double> counts, textured;
    for (double const mean : flat_field(g, config, 200)) counts.push_back(std::poisson_distribution<int>(mean)(random));
    for (std::size_t i = 0; i < counts.size(); ++i) textured.push_back(counts[i] * (i % 2 == 0 ? 1.5 : 0.5));
    auto const poisson = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for());
    config.error_model = ErrorModel::azimuthal;
    auto const azimuthal = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for()),
               rough = integrate_rings(bins_of(g, config), sum_of(textured), {}, serial_for());
    for (std::size_t b = 0; b < 10; ++b) {
        if (poisson.sums.count[b] < 100) continue;
        CHECK(azimuthal.sem[b] / poisson.sem[b] == doctest::Approx(1).epsilon(4 / std::sqrt(2 * poisson.sums.count[b])));
        CHECK(rough.sem[b] / poisson.sem[b] > 3);
        CHECK(azimuthal.std[b] == doctest::Approx(azimuthal.sem[b] * std::sqrt(azimuthal.sums.count[b])).epsilon(0.02));
    }
}

TEST_CASE("std is the scatter of a pixel, sem that of their mean, under both error models") {
    std::mt19937 random(20261202);
    for (ErrorModel const model : {ErrorModel::poisson, ErrorModel::azimuthal}) {
        auto config = asked(Split::none);
        config.polarization_factor.reset();
        config.solid_angle = config.sensor_efficiency = false; // all norms are 1
        config.error_model = model;
        config.average = Average::unweighted; // so that pixels are asked
        auto const g = test::tilted_geometry();
        auto const map = build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13, serial_for());
        PixelSum sum{LargeArray<double>(map.pixels()), {}, 1, 1};
        for (double& counts : sum.counts) counts = std::poisson_distribution<int>(400)(random);
        auto const pattern = to_pattern(integrate_rings(*map.rings, sum, {}, serial_for()), g, {});
        REQUIRE(pattern.pixel_std.size() == pattern.sigma.size());
        for (std::size_t b = 0; b < pattern.sigma.size(); ++b) {
            if (!(pattern.pixels[b] > 0)) continue;
            CHECK(pattern.sigma[b] == doctest::Approx(pattern.pixel_std[b] / std::sqrt(pattern.pixels[b])));
            if (pattern.pixels[b] > 100) CHECK(pattern.pixel_std[b] == doctest::Approx(20).epsilon(0.3)); // 100 pixels: 7 %, four sigma
        }
    }
}

TEST_CASE("a spot leaves a clipped and a median ring as it was") {
    auto const g = test::tilted_geometry();
    auto config = asked(Split::none, 10);
    auto counts = flat_field(g, config, 100);
    std::mt19937 random(5);
    for (double& value : counts) value = std::poisson_distribution<int>(value)(random);
    auto spotted = counts;
    for (std::size_t i = 2000; i < 2010; ++i) spotted[i] = 1e5;
    for (auto const method : {Outliers::Method::sigma_clip, Outliers::Method::quantile}) {
        for (Split const split : {Split::none, Split::full}) {
            config.split = split;
            config.outliers.method = method;
            config.error_model = ErrorModel::hybrid; // a Poisson cut would reject the ring with its spot
            auto const rings = integrate_rings(bins_of(g, config), sum_of(spotted), {}, serial_for());
            for (std::size_t b = 0; b < 10; ++b) CHECK(std::abs(rings.intensity[b] - 100) < 6 * std::max(rings.sem[b], 0.2));
        }
    }
    config.outliers.method = Outliers::Method::none;
    auto const followed = integrate_rings(bins_of(g, config), sum_of(spotted), {}, serial_for());
    CHECK(*std::ranges::max_element(followed.intensity) > 500);
}

TEST_CASE("what sigma clipping rejects is told, and does not depend on the order of pixels") {
    auto const g = test::tilted_geometry();
    auto const config = asked(Split::full, 10);
    auto const bins = bins_of(g, config);
    auto counts = random_counts(g.rows * g.cols, 50, 6);
    counts[1234] = 5000;
    PixelTerms const terms(counts, {}, {.optics = bins.optics});
    auto const clipped = clip_rings(bins.shares, terms, ErrorModel::azimuthal, {}, false, serial_for());
    CHECK(std::ranges::count(clipped.rejected, 1234U) == 1);
    CHECK(std::ranges::is_sorted(clipped.rejected));
    CHECK(clipped.rejected.size() < 20);
}

TEST_CASE("a bin without counts is as uncertain as one count, an empty one is no number") {
    auto const g = test::tilted_geometry();
    Mask mask(g.rows, g.cols);
    auto config = asked(Split::bbox, 20);
    config.polarization_factor.reset();
    config.solid_angle = false;
    config.radial_range = std::pair{0.5, 4.0};
    auto const rings = integrate_rings(bins_of(g, config, mask), sum_of(std::vector<double>(mask.size(), 0.0)), {}, serial_for());
    for (std::size_t b = 0; b < 20; ++b) {
        if (rings.sums.count[b] > 0)
            CHECK(rings.sem[b] == doctest::Approx(1 / rings.sums.count[b]));
        else
            CHECK(std::isnan(rings.intensity[b]));
    }
    CHECK(std::isnan(rings.intensity.front()));
}

TEST_CASE("dark, flat and their errors") {
    std::vector<double> const counts{100, 200, 300, 400}, dark{10, 10, 10, 10}, dark_variance{4, 4, 4, 4}, flat{1, 2, 0, NAN};
    std::vector<float> const optics(4, 0.5F);
    PixelTerms const terms(counts, {}, {optics, flat, DarkImage{dark, dark_variance}, 3, false});
    std::vector<PixelTerm> const expected{{90, 104, 1.5}, {190, 204, 3}, {}, {}};
    for (std::size_t i = 0; i < 4; ++i) CHECK(terms(i) == expected[i]);
}

TEST_CASE("a pixel that was invalid in some frames weighs less") {
    auto const g = test::tilted_geometry();
    auto config = asked(Split::full, 10);
    auto sum = sum_of(flat_field(g, config, 80));
    sum.frames = 4;
    sum.invalid_frames.assign(sum.counts.size(), 0);
    for (std::size_t i = 0; i < sum.counts.size(); i += 3) {
        sum.counts[i] *= 0.25;
        sum.invalid_frames[i] = 3;
    }
    for (double const intensity : integrate_rings(bins_of(g, config), sum, {}, serial_for()).intensity)
        CHECK(intensity == doctest::Approx(80).epsilon(1e-6));
}
