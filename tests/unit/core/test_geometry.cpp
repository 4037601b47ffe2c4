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

TEST_CASE("parallax is the mean way along the detector at which photons are absorbed") {
    for (auto const& [attenuation_per_m, thickness_m] : {std::pair{3500.0, 450e-6}, {200.0, 1e-3}, {50000.0, 1e-3}}) {
        for (double const angle : {0.05, 0.4, 1.0}) {
            // Absorbed at a depth s along the ray with exp(-mu s), s up to t / cos(a); counted s sin(a) from where it entered.
            constexpr int steps = 200000;
            double const longest = thickness_m / std::cos(angle);
            double weights = 0, moment = 0;
            for (int i = 0; i < steps; ++i) {
                double const s = (i + 0.5) * longest / steps, w = std::exp(-attenuation_per_m * s);
                weights += w;
                moment += w * s * std::sin(angle);
            }
            CHECK(parallax_shift_m({"Si", thickness_m, attenuation_per_m}, std::cos(angle)) ==
                  doctest::Approx(moment / weights).epsilon(1e-6));
        }
    }
    CHECK(parallax_shift_m({"Si", 450e-6, 3500}, 1) == 0);
}

TEST_CASE("with parallax a pixel looks where the photons entered that it counts: nearer to the PONI") {
    Geometry g = tilted(), corrected = tilted();
    corrected.parallax = Parallax{"Si", 450e-6, 3500};
    double const p1 = 400.5 * g.pixel1_m - g.poni1_m, p2 = 100.5 * g.pixel2_m - g.poni2_m, r = std::hypot(p1, p2);
    double const shift = parallax_shift_m(*corrected.parallax, g.distance_m / std::hypot(g.distance_m, r));
    CHECK(shift > 10e-6);
    LabPoint const seen = lab_point(corrected, 400.5, 100.5), entered = DetectorPlane(g).at(p1 * (1 - shift / r), p2 * (1 - shift / r));
    CHECK(seen.t1 == doctest::Approx(entered.t1).epsilon(1e-14));
    CHECK(seen.t2 == doctest::Approx(entered.t2).epsilon(1e-14));
    CHECK(seen.t3 == doctest::Approx(entered.t3).epsilon(1e-14));
    LabPoint const foot = lab_point(corrected, g.poni1_m / g.pixel1_m, g.poni2_m / g.pixel2_m);
    CHECK(foot.t3 == lab_point(g, g.poni1_m / g.pixel1_m, g.poni2_m / g.pixel2_m).t3);
}
