// Laws of splitting, averaging and errors along the ring.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/azimuth_sector.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/radial_axis.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/ring_outliers.hpp"
#include "pipeline/reduce/trimmed_mean.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

using namespace sqd;

namespace {

IntegrationConfig asked(Split split, std::size_t npt = 40) {
    IntegrationConfig config;
    config.npt = npt;
    config.split = split;
    config.polarization_factor = 0.95;
    return config;
}

constexpr Split splits[] = {Split::none, Split::bbox, Split::full};

RingBins bins_of(Geometry const& g, IntegrationConfig const& config, Mask const& mask) {
    auto const map = build_bin_map(g, mask, config, std::nullopt, 13.8, serial_for());
    return map.rings ? *map.rings : ring_bins(g, mask, map.axis, config, std::nullopt, 13.8, serial_for());
}

RingBins bins_of(Geometry const& g, IntegrationConfig const& config) {
    return bins_of(g, config, Mask(g.rows, g.cols));
}

PixelSum sum_of(std::vector<double> counts) {
    return {std::move(counts), {}, 1, 1};
}

double total(std::vector<double> const& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Counts of a beam that scatters the same everywhere: what each pixel sees of it.
std::vector<double> flat_field(Geometry const& g, IntegrationConfig const& config, double level) {
    std::vector<double> out;
    for (float const norm : pixel_norm(g, config, std::nullopt, 13.8, serial_for())) out.push_back(level * static_cast<double>(norm));
    return out;
}

std::vector<double> random_counts(std::size_t pixels, double mean, unsigned seed) {
    std::mt19937 random(seed);
    std::poisson_distribution<int> counts(mean);
    std::vector<double> out(pixels);
    for (double& value : out) value = counts(random);
    return out;
}

} // namespace

TEST_CASE("a flat field through a tilted detector is a constant, however pixels are split and averaged") {
    for (Split const split : splits) {
        for (Average const average : {Average::weighted, Average::unweighted}) {
            auto config = asked(split);
            config.average = average;
            auto const rings =
                integrate_rings(bins_of(test::tilted_geometry(), config), sum_of(flat_field(test::tilted_geometry(), config, 7)));
            for (double const intensity : rings.intensity) CHECK(intensity == doctest::Approx(7).epsilon(1e-6));
        }
    }
}

TEST_CASE("with Poisson noise the flat field is that constant within its errors") {
    unsigned const seed = 20261125;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (Split const split : splits) {
        auto const config = asked(split);
        auto counts = flat_field(test::tilted_geometry(), config, 400);
        for (double& value : counts) value = std::poisson_distribution<int>(value)(random);
        auto const rings = integrate_rings(bins_of(test::tilted_geometry(), config), sum_of(counts));
        double chi2 = 0;
        for (std::size_t b = 0; b < rings.intensity.size(); ++b) chi2 += std::pow((rings.intensity[b] - 400) / rings.sem[b], 2);
        // 40 bins, with splitting some less: 40 + 3.1 * sqrt(80) + 6 is passed once in 1000
        CHECK(chi2 < 74);
    }
}

TEST_CASE("every count goes somewhere: the sum is conserved under every splitting") {
    auto const g = test::tilted_geometry();
    auto const counts = random_counts(g.rows * g.cols, 3, 1);
    for (bool const compat : {false, true}) {
        for (Split const split : splits) {
            auto config = asked(split);
            config.pyfai_compat = compat;
            auto const rings = integrate_rings(bins_of(g, config), sum_of(counts));
            // without a range nothing is outside: but an axis of pixel centres ends inside the outermost pixels
            auto const whole = share_pixels(g, Mask(g.rows, g.cols), config, serial_for());
            auto const terms =
                pixel_terms(counts, Mask(g.rows, g.cols), {std::vector<float>(counts.size(), 1.0F), {}, std::nullopt, 1, false});
            CHECK(total(sum_rings(whole, terms, ErrorModel::poisson, false).signal) == doctest::Approx(total(counts)).epsilon(1e-6));
            CHECK(total(rings.sums.count) <= doctest::Approx(static_cast<double>(counts.size())));
        }
    }
}

TEST_CASE("shares of a pixel sum to one, and to less only at the ends of the axis") {
    auto const g = test::tilted_geometry();
    for (Split const split : {Split::bbox, Split::full}) {
        auto config = asked(split, 200);
        config.radial_range = std::pair{1.9, 3.0};
        auto const shares = share_pixels(g, Mask(g.rows, g.cols), config, serial_for());
        for (std::size_t i = 0; i < shares.pixels(); ++i) {
            auto const entries = shares.of(i);
            if (entries.empty()) continue;
            double sum = 0;
            for (auto const& entry : entries) {
                CHECK(entry.share > 0);
                sum += static_cast<double>(entry.share);
            }
            bool const at_end = entries.front().bin == 0 || entries.back().bin == 199;
            if (at_end)
                CHECK(sum <= 1 + 1e-6);
            else
                CHECK(sum == doctest::Approx(1).epsilon(1e-6));
        }
    }
}

TEST_CASE("an image turned over its diagonal, with its geometry, gives the same pattern") {
    Geometry g = test::tilted_geometry();
    g.rot2_rad = g.rot3_rad = 0;
    Geometry turned = g;
    std::swap(turned.poni1_m, turned.poni2_m);
    std::swap(turned.rows, turned.cols);
    turned.rot1_rad = 0;
    turned.rot2_rad = -g.rot1_rad; // the two rotations have opposite senses
    auto const counts = random_counts(g.rows * g.cols, 30, 2);
    std::vector<double> across(counts.size());
    for (std::size_t row = 0; row < g.rows; ++row)
        for (std::size_t col = 0; col < g.cols; ++col) across[col * g.rows + row] = counts[row * g.cols + col];
    for (Split const split : splits) {
        auto config = asked(split);
        config.radial_range = std::pair{1.7, 2.65};
        auto config_turned = config;
        config_turned.polarization_factor = -*config.polarization_factor; // the beam's plane turns as well
        auto const one = integrate_rings(bins_of(g, config), sum_of(counts));
        auto const other = integrate_rings(bins_of(turned, config_turned), sum_of(across));
        for (std::size_t b = 0; b < one.intensity.size(); ++b) {
            CHECK(one.sums.signal[b] == doctest::Approx(other.sums.signal[b]).epsilon(1e-5));
            CHECK(one.intensity[b] == doctest::Approx(other.intensity[b]).epsilon(1e-5));
        }
    }
}

TEST_CASE("an image read from another corner is the same pattern, across chi = 0 and 180 degrees as well") {
    Geometry g = test::tilted_geometry();
    g.rot1_rad = g.rot2_rad = g.rot3_rad = 0; // full rings
    auto const counts = random_counts(g.rows * g.cols, 30, 7);
    for (int const orientation : {1, 2, 4}) {
        Geometry turned = g;
        turned.orientation = orientation;
        std::vector<double> image(counts.size());
        for (std::size_t row = 0; row < g.rows; ++row) {
            for (std::size_t col = 0; col < g.cols; ++col) {
                std::size_t const to_row = rows_flipped(turned) ? g.rows - 1 - row : row,
                                  to_col = cols_flipped(turned) ? g.cols - 1 - col : col;
                image[to_row * g.cols + to_col] = counts[row * g.cols + col];
            }
        }
        for (Split const split : splits) {
            auto config = asked(split);
            config.radial_range = std::pair{0.1, 0.5};
            auto const one = integrate_rings(bins_of(g, config), sum_of(counts)),
                       other = integrate_rings(bins_of(turned, config), sum_of(image));
            for (std::size_t b = 0; b < config.npt; ++b) {
                CHECK(other.sums.count[b] == doctest::Approx(one.sums.count[b]).epsilon(1e-6));
                CHECK(other.sums.signal[b] == doctest::Approx(one.sums.signal[b]).epsilon(1e-6));
            }
        }
    }
}

TEST_CASE("sectors that join are the whole ring, across 180 degrees as well") {
    Geometry g = test::tilted_geometry();
    g.rot1_rad = g.rot2_rad = g.rot3_rad = 0; // full rings
    auto const counts = random_counts(g.rows * g.cols, 5, 3);
    for (Split const split : splits) {
        auto config = asked(split);
        config.radial_range = std::pair{0.1, 0.5};
        auto const whole = integrate_rings(bins_of(g, config), sum_of(counts));
        std::vector<double> signal(config.npt), count(config.npt);
        for (auto const& sector : {std::pair{-170.0, -20.0}, std::pair{-20.0, 95.0}, std::pair{95.0, -170.0}}) {
            config.azimuth_range_deg = sector;
            auto const part = integrate_rings(bins_of(g, config), sum_of(counts));
            for (std::size_t b = 0; b < signal.size(); ++b) {
                signal[b] += part.sums.signal[b];
                count[b] += part.sums.count[b];
            }
        }
        for (std::size_t b = 0; b < signal.size(); ++b) {
            CHECK(signal[b] == doctest::Approx(whole.sums.signal[b]));
            CHECK(count[b] == doctest::Approx(whole.sums.count[b]));
        }
    }
}

TEST_CASE("the bin map knows the same sectors and edges as the shares") {
    auto const g = test::tilted_geometry();
    auto config = asked(Split::none);
    config.edges = {1.85, 1.9, 2.3, 2.31, 3.0};
    config.azimuth_range_deg = std::pair{20.0, -100.0};
    auto const map = build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13.8, serial_for());
    auto const shares = share_pixels(g, Mask(g.rows, g.cols), config, serial_for());
    CHECK(map.axis == shares.axis);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < map.pixels(); ++i) {
        auto const entries = shares.of(i);
        REQUIRE(map.bin[i] == (entries.empty() ? map.axis.size() : entries[0].bin));
        inside += !entries.empty();
    }
    CHECK(inside > 100);
    config.edges.clear();
    config.npt = 7;
    config.log_spacing = true;
    config.radial_range = std::pair{1.5, 6.0};
    auto const log = build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13.8, serial_for());
    for (std::size_t b = 0; b + 1 < 7; ++b) CHECK(log.axis.edges()[b + 1] / log.axis.edges()[b] == doctest::Approx(std::pow(4.0, 1.0 / 7)));
}

TEST_CASE("steps are even where they are equal to the digits that edges are written with") {
    IntegrationConfig config;
    CHECK(has_even_steps(config));
    config.log_spacing = true;
    CHECK_FALSE(has_even_steps(config));
    config.log_spacing = false;
    config.edges = {0.1, 0.2, 0.3, 0.4};
    CHECK(has_even_steps(config));
    config.edges[2] = 0.30001;
    CHECK_FALSE(has_even_steps(config));
}

TEST_CASE("a sector does not change the automatic range, and the mean polarisation is of the bin's own pixels") {
    auto config = asked(Split::none);
    auto const g = test::tilted_geometry();
    auto const whole = build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13.8, serial_for());
    config.azimuth_range_deg = std::pair{10.0, 20.0};
    auto const part = build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13.8, serial_for());
    CHECK(part.axis == whole.axis);
    auto const rings = bins_of(g, config);
    for (std::size_t b = 0; b < part.axis.size(); ++b)
        if (part.bin_pixels[b] > 0) CHECK(rings.polarization[b] == doctest::Approx(part.bin_polarization[b]).epsilon(1e-6));
}

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
        auto const rings = integrate_rings(bins, sum_of(counts));
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
    auto const terms = pixel_terms(expected, bins.mask, {bins.optics, {}, std::nullopt, 1, false});
    auto const said = neighbour_correlation(bins.shares, terms);
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
            auto const rings = integrate_rings(bins, sum_of(counts));
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
    auto const terms = pixel_terms(flat_field(test::tilted_geometry(), config, 10), bins.mask, {bins.optics, {}, std::nullopt, 1, false});
    for (double const r : neighbour_correlation(bins.shares, terms)) CHECK(r == 0);
}

TEST_CASE("the azimuthal error of Poisson counts is the Poisson error, and of a textured ring it is larger") {
    auto const g = test::tilted_geometry();
    auto config = asked(Split::none, 10);
    std::mt19937 random(4);
    std::vector<double> counts, textured;
    for (double const mean : flat_field(g, config, 200)) counts.push_back(std::poisson_distribution<int>(mean)(random));
    for (std::size_t i = 0; i < counts.size(); ++i) textured.push_back(counts[i] * (i % 2 == 0 ? 1.5 : 0.5));
    auto const poisson = integrate_rings(bins_of(g, config), sum_of(counts));
    config.error_model = ErrorModel::azimuthal;
    auto const azimuthal = integrate_rings(bins_of(g, config), sum_of(counts)),
               rough = integrate_rings(bins_of(g, config), sum_of(textured));
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
        PixelSum sum{std::vector<double>(map.pixels()), {}, 1, 1};
        for (double& counts : sum.counts) counts = std::poisson_distribution<int>(400)(random);
        auto const pattern = to_pattern(integrate_rings(*map.rings, sum), g, {});
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
            auto const rings = integrate_rings(bins_of(g, config), sum_of(spotted));
            for (std::size_t b = 0; b < 10; ++b) CHECK(std::abs(rings.intensity[b] - 100) < 6 * std::max(rings.sem[b], 0.2));
        }
    }
    config.outliers.method = Outliers::Method::none;
    auto const followed = integrate_rings(bins_of(g, config), sum_of(spotted));
    CHECK(*std::ranges::max_element(followed.intensity) > 500);
}

TEST_CASE("what sigma clipping rejects is told, and does not depend on the order of pixels") {
    auto const g = test::tilted_geometry();
    auto const config = asked(Split::full, 10);
    auto const bins = bins_of(g, config);
    auto counts = random_counts(g.rows * g.cols, 50, 6);
    counts[1234] = 5000;
    auto const terms = pixel_terms(counts, bins.mask, {bins.optics, {}, std::nullopt, 1, false});
    auto const clipped = clip_rings(bins.shares, terms, ErrorModel::azimuthal, {}, false);
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
    auto const rings = integrate_rings(bins_of(g, config, mask), sum_of(std::vector<double>(mask.size(), 0.0)));
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
    auto const terms = pixel_terms(counts, Mask(2, 2), {optics, flat, DarkImage{dark, dark_variance}, 3, false});
    CHECK(terms.signal == std::vector<double>{90, 190, 0, 0});
    CHECK(terms.variance == std::vector<double>{104, 204, 0, 0});
    CHECK(terms.norm == std::vector<double>{1.5, 3, 0, 0});
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
    for (double const intensity : integrate_rings(bins_of(g, config), sum).intensity) CHECK(intensity == doctest::Approx(80).epsilon(1e-6));
}

TEST_CASE("bins that cannot be are refused") {
    auto const g = test::tilted_geometry();
    Mask const mask(g.rows, g.cols);
    auto const refused = [&](IntegrationConfig const& config, Mask const& m) {
        CHECK_THROWS_AS(share_pixels(g, m, config, serial_for()), DataError);
        CHECK_THROWS_AS(build_bin_map(g, m, config, std::nullopt, 13.8, serial_for()), DataError);
    };
    auto config = asked(Split::full, 0);
    refused(config, mask);
    config.npt = 10;
    refused(config, Mask(3, 3));
    refused(config, Mask(g.rows, g.cols, 1));
    config.radial_range = std::pair{90.0, 95.0};
    refused(config, mask);
    config.radial_range = std::pair{0.0, 4.0};
    config.log_spacing = true;
    refused(config, mask);
    config.log_spacing = false;
    config.edges = {1, 2, 3};
    config.pyfai_compat = true;
    refused(config, mask);
}
