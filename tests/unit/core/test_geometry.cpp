// PONI geometry: laws of rotations, the beam, the units. pyFAI's own numbers are met in tests/science/test_pyfai_reference.cpp.
#include "pipeline/core/geometry.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace sqd;

namespace {

Geometry tilted() {
    return {.distance_m = 0.2,
            .poni1_m = 0.03,
            .poni2_m = 0.05,
            .rot1_rad = 0.3,
            .rot2_rad = -0.2,
            .rot3_rad = 0.1,
            .pixel1_m = 1e-4,
            .pixel2_m = 2e-4,
            .rows = 600,
            .cols = 500,
            .wavelength_A = 0.5};
}

double length(LabPoint const& p) {
    return std::sqrt(p.t1 * p.t1 + p.t2 * p.t2 + p.t3 * p.t3);
}

} // namespace

TEST_CASE("rotations keep the distance of every pixel from the sample") {
    Geometry const g = tilted();
    for (double row : {0.5, 100.5, 599.5}) {
        for (double col : {0.5, 321.0, 499.5}) {
            double const p1 = row * g.pixel1_m - g.poni1_m, p2 = col * g.pixel2_m - g.poni2_m;
            double const expected = std::hypot(p1, p2, g.distance_m);
            LabPoint const p = lab_point(g, row, col);
            CHECK(length(p) == doctest::Approx(expected).epsilon(1e-14));
            CHECK(p.cos_incidence == doctest::Approx(g.distance_m / expected).epsilon(1e-14));
        }
    }
}

TEST_CASE("without rotations the PONI is the beam centre") {
    Geometry g = tilted();
    g.rot1_rad = g.rot2_rad = g.rot3_rad = 0;
    LabPoint const foot = lab_point(g, g.poni1_m / g.pixel1_m, g.poni2_m / g.pixel2_m);
    CHECK(two_theta_rad(foot) == doctest::Approx(0).scale(1).epsilon(1e-15));
    CHECK(foot.cos_incidence == doctest::Approx(1));
    LabPoint const up = lab_point(g, (g.poni1_m + g.distance_m) / g.pixel1_m, g.poni2_m / g.pixel2_m);
    CHECK(two_theta_rad(up) == doctest::Approx(std::numbers::pi / 4));
    CHECK(chi_rad(up) == doctest::Approx(std::numbers::pi / 2));
    LabPoint const right = lab_point(g, g.poni1_m / g.pixel1_m, (g.poni2_m + g.distance_m) / g.pixel2_m);
    CHECK(chi_rad(right) == doctest::Approx(0).scale(1).epsilon(1e-12));
}

TEST_CASE("a turn about the beam moves the azimuth alone") {
    Geometry g = tilted();
    LabPoint const before = lab_point(g, 123.5, 45.5);
    g.rot3_rad += 0.25;
    LabPoint const after = lab_point(g, 123.5, 45.5);
    CHECK(two_theta_rad(after) == doctest::Approx(two_theta_rad(before)).epsilon(1e-13));
    CHECK(std::remainder(chi_rad(after) - chi_rad(before), 2 * std::numbers::pi) == doctest::Approx(-0.25).epsilon(1e-12));
}

TEST_CASE("rot1 swings the PONI sideways by its angle, rot2 up or down by its own") {
    Geometry g = tilted();
    g.rot2_rad = g.rot3_rad = 0;
    LabPoint const sideways = lab_point(g, g.poni1_m / g.pixel1_m, g.poni2_m / g.pixel2_m);
    CHECK(two_theta_rad(sideways) == doctest::Approx(g.rot1_rad).epsilon(1e-12));
    CHECK(sideways.t2 == doctest::Approx(g.distance_m * std::sin(g.rot1_rad))); // left-handed about axis 1
    g.rot1_rad = 0;
    g.rot2_rad = 0.2;
    LabPoint const down = lab_point(g, g.poni1_m / g.pixel1_m, g.poni2_m / g.pixel2_m);
    CHECK(down.t1 == doctest::Approx(-g.distance_m * std::sin(g.rot2_rad)));
}

TEST_CASE("an orientation counts pixels from another corner and changes nothing else") {
    Geometry const native = tilted();
    auto const same = [](LabPoint const& a, LabPoint const& b) { return a.t1 == b.t1 && a.t2 == b.t2 && a.t3 == b.t3; };
    for (int const orientation : {1, 2, 3, 4}) {
        Geometry turned = native;
        turned.orientation = orientation;
        double const row = orientation <= 2 ? 600 - 7.5 : 7.5, col = orientation == 1 || orientation == 4 ? 500 - 20.5 : 20.5;
        CHECK(same(lab_point(turned, row, col), lab_point(native, 7.5, 20.5)));
    }
}

TEST_CASE("q and the scattering angle are each other's inverse, and q beyond back-scattering has none") {
    for (double q : {1e-3, 0.5, 2.6, 25.0}) {
        CHECK(q_invA(two_theta_of_q_rad(q, 0.5), 0.5) == doctest::Approx(q).epsilon(1e-14));
    }
    CHECK(q_invA(std::numbers::pi, 0.5) == doctest::Approx(8 * std::numbers::pi));
    CHECK(std::isnan(two_theta_of_q_rad(8.001 * std::numbers::pi, 0.5)));
}
