// Laws of splitting and averaging along the ring.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/azimuth_sector.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/radial_axis.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "tests/support/ring_bins.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a flat field through a tilted detector is a constant, however pixels are split and averaged") {
    for (Split const split : splits) {
        for (Average const average : {Average::weighted, Average::unweighted}) {
            auto config = asked(split);
            config.average = average;
            auto const rings = integrate_rings(bins_of(test::tilted_geometry(), config),
                                               sum_of(flat_field(test::tilted_geometry(), config, 7)), {}, serial_for());
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
        auto const rings = integrate_rings(bins_of(test::tilted_geometry(), config), sum_of(counts), {}, serial_for());
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
            auto const rings = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for());
            // without a range nothing is outside: but an axis of pixel centres ends inside the outermost pixels
            auto const whole = share_pixels(g, Mask(g.rows, g.cols), config, serial_for());
            std::vector<float> const even(counts.size(), 1.0F);
            PixelTerms const terms(counts, {}, {.optics = even});
            CHECK(total(sum_rings(whole, terms, ErrorModel::poisson, false, serial_for()).signal) ==
                  doctest::Approx(total(counts)).epsilon(1e-6));
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
        std::vector<double> sum(g.rows * g.cols);
        std::vector<bool> at_end(sum.size());
        for (std::size_t b = 0; b < shares.bins(); ++b) {
            for (auto const& [pixel, share] : shares.of(b)) {
                CHECK(share > 0);
                sum[pixel] += static_cast<double>(share);
                if (b == 0 || b == 199) at_end[pixel] = true;
            }
        }
        for (std::size_t i = 0; i < sum.size(); ++i) {
            if (sum[i] == 0) continue;
            if (at_end[i])
                CHECK(sum[i] <= 1 + 1e-6);
            else
                CHECK(sum[i] == doctest::Approx(1).epsilon(1e-6));
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
        auto const one = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for());
        auto const other = integrate_rings(bins_of(turned, config_turned), sum_of(across), {}, serial_for());
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
            auto const one = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for()),
                       other = integrate_rings(bins_of(turned, config), sum_of(image), {}, serial_for());
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
        auto const whole = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for());
        std::vector<double> signal(config.npt), count(config.npt);
        for (auto const& sector : {std::pair{-170.0, -20.0}, std::pair{-20.0, 95.0}, std::pair{95.0, -170.0}}) {
            config.azimuth_range_deg = sector;
            auto const part = integrate_rings(bins_of(g, config), sum_of(counts), {}, serial_for());
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
    std::vector<std::size_t> bin_of(map.pixels(), map.axis.size());
    for (std::size_t b = 0; b < shares.bins(); ++b)
        for (auto const& part : shares.of(b)) bin_of[part.pixel] = b;
    for (std::size_t i = 0; i < map.pixels(); ++i) REQUIRE(map.bin[i] == bin_of[i]);
    CHECK(shares.parts.size() > 100);
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
