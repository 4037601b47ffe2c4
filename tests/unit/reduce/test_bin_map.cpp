// The bin map: bins, corrections, and what it refuses.
#include "pipeline/core/errors.hpp"
#include "pipeline/core/pixel_tile.hpp"
#include "pipeline/reduce/attenuation.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "tests/support/memory_frame.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <numeric>

using namespace sqd;
using test::small_geometry;
using test::small_mask;

namespace {

IntegrationConfig plain(RadialUnit unit = RadialUnit::q_invA) {
    IntegrationConfig config;
    config.npt = 60;
    config.unit = unit;
    config.solid_angle = false;
    return config;
}

BinMap build(Geometry const& g, IntegrationConfig const& config, Mask const& mask, std::optional<Sensor> const& sensor = {}) {
    return build_bin_map(g, mask, config, sensor, 13.8, serial_for());
}

BinMap build(Geometry const& g, IntegrationConfig const& config) {
    return build(g, config, Mask(g.rows, g.cols));
}

Geometry tilted() {
    Geometry g = small_geometry();
    g.rot1_rad = 0.7;
    g.rot2_rad = -0.5;
    g.rot3_rad = 0.2;
    return g;
}

} // namespace

TEST_CASE("each pixel lies in the bin whose edges enclose its coordinate, in every unit") {
    for (RadialUnit const unit :
         {RadialUnit::q_invA, RadialUnit::q_invnm, RadialUnit::two_theta_deg, RadialUnit::two_theta_rad, RadialUnit::r_mm}) {
        Geometry const g = tilted();
        BinMap const map = build(g, plain(unit));
        for (std::size_t i = 0; i < map.pixels(); ++i) {
            LabPoint const p = lab_point(g, static_cast<double>(i / g.cols) + 0.5, static_cast<double>(i % g.cols) + 0.5);
            double const angle = two_theta_rad(p), q = q_invA(angle, g.wavelength_A);
            double x = q;
            if (unit == RadialUnit::q_invnm) x = 10 * q;
            if (unit == RadialUnit::two_theta_deg) x = angle * 180 / std::numbers::pi;
            if (unit == RadialUnit::two_theta_rad) x = angle;
            if (unit == RadialUnit::r_mm) x = 1e3 * std::hypot(p.t1, p.t2);
            REQUIRE(map.bin[i] < map.axis.size()); // without a range every pixel takes part
            double const slack = 1e-9 * map.axis.edges().back();
            CHECK(x >= map.axis.edges()[map.bin[i]] - slack);
            CHECK(x <= map.axis.edges()[map.bin[i] + 1u] + slack);
        }
        CHECK(std::accumulate(map.bin_pixels.begin(), map.bin_pixels.end(), std::size_t{0}) == map.pixels());
    }
}

TEST_CASE("bin centres in 1/A belong to the same angles in every unit") {
    Geometry const g = small_geometry();
    for (RadialUnit const unit : {RadialUnit::q_invnm, RadialUnit::two_theta_deg, RadialUnit::two_theta_rad, RadialUnit::r_mm}) {
        BinMap const map = build(g, plain(unit));
        for (std::size_t b = 0; b < map.axis.size(); ++b) {
            double const centre = map.axis.centres()[b];
            double const angle = two_theta_of_q_rad(map.q_invA[b], g.wavelength_A);
            if (unit == RadialUnit::q_invnm) CHECK(map.q_invA[b] == doctest::Approx(centre / 10));
            if (unit == RadialUnit::two_theta_deg) CHECK(angle * 180 / std::numbers::pi == doctest::Approx(centre));
            if (unit == RadialUnit::two_theta_rad) CHECK(angle == doctest::Approx(centre));
            if (unit == RadialUnit::r_mm) CHECK(1e3 * g.distance_m * std::tan(angle) == doctest::Approx(centre));
        }
    }
}

TEST_CASE("pixels outside the range or under the mask take no part and weigh nothing") {
    Geometry const g = small_geometry();
    IntegrationConfig config = plain();
    config.radial_range = std::pair{1.0, 2.0};
    BinMap const map = build(g, config, small_mask());
    std::size_t inside = 0;
    for (std::size_t i = 0; i < map.pixels(); ++i) {
        LabPoint const p = lab_point(g, static_cast<double>(i / g.cols) + 0.5, static_cast<double>(i % g.cols) + 0.5);
        double const q = q_invA(two_theta_rad(p), g.wavelength_A);
        bool const takes_part = small_mask().pixels[i] == 0 && q >= 1 && q < 2;
        CHECK((map.bin[i] < 60) == takes_part);
        CHECK((map.norm[i] > 0) == takes_part);
        CHECK((map.masked[i / 64] >> (i % 64) & 1) == (small_mask().pixels[i] != 0 ? 1 : 0));
        inside += takes_part ? 1 : 0;
    }
    CHECK(std::accumulate(map.bin_pixels.begin(), map.bin_pixels.end(), std::size_t{0}) == inside);
    CHECK(map.axis.edges().front() == 1.0);
    CHECK(map.axis.edges().back() == 2.0);
    CHECK(map.masked_pixels == masked_pixels(small_mask()));
}

TEST_CASE("the padding behind the last pixel is masked and in no bin") {
    BinMap const map = *test::small_map();
    REQUIRE(map.bin.size() == tile_count(map.pixels()) * tile_pixels);
    REQUIRE(map.masked.size() == tile_count(map.pixels()) * tile_words);
    for (std::size_t i = map.pixels(); i < map.bin.size(); ++i) {
        CHECK(map.bin[i] == map.axis.size());
        CHECK((map.masked[i / 64] >> (i % 64) & 1) == 1);
    }
}

TEST_CASE("a detector behind the sample sees back-scattering, up to q of 4 pi / lambda at its PONI") {
    Geometry g = small_geometry();
    g.rot1_rad = std::numbers::pi;
    g.poni1_m = 40.5 * g.pixel1_m;
    g.poni2_m = 30.5 * g.pixel2_m;
    BinMap const map = build(g, plain());
    CHECK(map.axis.edges().back() == doctest::Approx(4 * std::numbers::pi / g.wavelength_A).epsilon(1e-6)); // and the upper edge's 2^-23
    CHECK(map.bin[40 * g.cols + 30] == map.axis.size() - 1);
}

TEST_CASE("a turn about the beam leaves bins and, without polarisation, norms as they were") {
    Geometry g = tilted();
    BinMap const before = build(g, plain());
    g.rot3_rad += 1.1;
    BinMap const after = build(g, plain());
    std::size_t moved = 0;
    for (std::size_t i = 0; i < before.pixels(); ++i) moved += before.bin[i] != after.bin[i] ? 1U : 0U;
    CHECK(moved <= 2); // the smallest and largest pixel define the range and may round the other way
    CHECK(before.norm == after.norm);
}

TEST_CASE("a horizontally polarised beam turned by a quarter is a vertically polarised one") {
    Geometry g = tilted();
    IntegrationConfig config = plain();
    config.polarization_factor = 0.8;
    BinMap const horizontal = build(g, config);
    g.rot3_rad += std::numbers::pi / 2;
    config.polarization_factor = -0.8;
    BinMap const vertical = build(g, config);
    for (std::size_t i = 0; i < horizontal.pixels(); ++i) CHECK(horizontal.norm[i] == doctest::Approx(vertical.norm[i]).epsilon(1e-6));
}

TEST_CASE("norm is solid angle times polarisation times efficiency, each as its formula says") {
    Geometry const g = tilted();
    double const f = 0.95, mu_d = sensor_attenuation_per_cm("Si", 13.8) * 0.045;
    IntegrationConfig config;
    config.npt = 60;
    config.polarization_factor = f;
    BinMap const map = build(g, config, Mask(g.rows, g.cols), Sensor{"Si", 450});
    for (std::size_t i = 0; i < map.pixels(); i += 7) {
        LabPoint const p = lab_point(g, static_cast<double>(i / g.cols) + 0.5, static_cast<double>(i % g.cols) + 0.5);
        double const c = std::cos(two_theta_rad(p)), chi = chi_rad(p);
        double const polarization = 0.5 * (1 + c * c - f * std::cos(2 * chi) * (1 - c * c));
        double const efficiency = (1 - std::exp(-mu_d / p.cos_incidence)) / (1 - std::exp(-mu_d));
        CHECK(map.norm[i] == doctest::Approx(std::pow(p.cos_incidence, 3) * polarization * efficiency).epsilon(1e-6)); // stored as float
    }
}

TEST_CASE("the mean polarisation of a full ring is that of an unpolarised beam") {
    Geometry g = small_geometry();
    g.rows = g.cols = 201;
    g.poni1_m = g.poni2_m = 100.5 * g.pixel1_m;
    IntegrationConfig config = plain();
    config.radial_range = std::pair{0.5, 5.0}; // inside the inscribed circle: 2 theta of 45 degrees is q = 5.34
    config.polarization_factor = 0.99;
    BinMap const map = build(g, config);
    for (std::size_t b = 0; b < map.axis.size(); ++b) {
        double const c = std::cos(two_theta_of_q_rad(map.q_invA[b], g.wavelength_A));
        CHECK(map.bin_polarization[b] == doctest::Approx(0.5 * (1 + c * c)).epsilon(0.01)); // rings of pixels are not quite even
    }
    CHECK(build(g, plain()).bin_polarization.empty());
}

TEST_CASE("the map does not depend on how many workers build it") {
    IntegrationConfig config = plain();
    config.polarization_factor = 0.7;
    BinMap const one = build(tilted(), config, small_mask(), Sensor{"CdTe", 1000});
    for (std::size_t const slots : {2U, 3U, 7U}) {
        BinMap const many = build_bin_map(tilted(), small_mask(), config, Sensor{"CdTe", 1000}, 13.8, test::threads_for(slots));
        CHECK(one.bin == many.bin);
        CHECK(one.norm == many.norm);
        CHECK(one.bin_norm == many.bin_norm);
        CHECK(one.bin_polarization == many.bin_polarization);
        CHECK(one.axis == many.axis);
    }
}

TEST_CASE("a pixel that polarisation leaves without light is left out") {
    Geometry g = small_geometry();
    g.rot1_rad = std::numbers::pi / 2; // the PONI is at 2 theta = 90 degrees in the horizontal plane: P = 0 there for f = 1
    g.poni1_m = 40.5 * g.pixel1_m;
    g.poni2_m = 30.5 * g.pixel2_m;
    IntegrationConfig config = plain();
    config.polarization_factor = 1;
    BinMap const map = build(g, config);
    CHECK(map.norm[40 * g.cols + 30] < 1e-12F);
    for (std::size_t i = 0; i < map.pixels(); ++i) CHECK((map.norm[i] > 0) == (map.bin[i] < map.axis.size()));
}

TEST_CASE("what cannot be binned is refused with a reason") {
    Geometry const g = small_geometry();
    Mask const mask(g.rows, g.cols);
    auto const refused = [&](Geometry const& geometry, IntegrationConfig const& config, Mask const& m) {
        CHECK_THROWS_AS(build(geometry, config, m), DataError);
    };
    refused(g, plain(), Mask(g.cols, g.rows));
    refused(g, plain(), Mask(g.rows, g.cols, 1));
    IntegrationConfig config = plain();
    config.npt = 0;
    refused(g, config, mask);
    config.npt = 65535;
    refused(g, config, mask);
    config = plain();
    config.radial_range = std::pair{50.0, 60.0};
    refused(g, config, mask);
    config.radial_range = std::pair{2.0, 1.0};
    refused(g, config, mask);
    Geometry no_wavelength = g;
    no_wavelength.wavelength_A = 0;
    refused(no_wavelength, plain(), mask);
    refused(Geometry{}, plain(), Mask());
    CHECK_NOTHROW(build(g, plain()));
}

TEST_CASE("65534 bins are numbered without clash with the pixels that take no part") {
    IntegrationConfig config = plain();
    config.npt = 65534;
    BinMap const map = build(small_geometry(), config, small_mask());
    std::size_t none = 0;
    for (std::size_t i = 0; i < map.pixels(); ++i) none += map.bin[i] == 65534 ? 1U : 0U;
    CHECK(none == map.masked_pixels);
}

TEST_CASE("sensor attenuation is near the tabulated one, and unknown sensors are refused") {
    // NIST mass attenuation, coherent scattering included: Si 4.464 cm2/g at 20 keV, CdTe 6.542 cm2/g at 60 keV; tables differ by percents
    CHECK(sensor_attenuation_per_cm("Si", 20) == doctest::Approx(4.464 * 2.33).epsilon(0.03));
    CHECK(sensor_attenuation_per_cm("CdTe", 60) == doctest::Approx(6.542 * 5.85).epsilon(0.03));
    CHECK(sensor_attenuation_per_cm("GaAs", 20) > sensor_attenuation_per_cm("Si", 20));
    CHECK_THROWS_AS(sensor_attenuation_per_cm("Unobtainium", 20), DataError);
    CHECK_THROWS_AS(sensor_attenuation_per_cm("Si", -1), DataError);
    CHECK(absorbed_fraction(1e-12) == doctest::Approx(1e-12).epsilon(1e-9));
    CHECK(absorbed_fraction(std::numbers::ln2) == doctest::Approx(0.5));
}
