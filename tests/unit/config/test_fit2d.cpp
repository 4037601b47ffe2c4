// FIT2D's parameters: what they mean in the laboratory, and there and back.
#include "config/fit2d.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;

namespace {

/// Pixels of two sizes: rows and columns must not be confused.
Geometry pixels() {
    Geometry g;
    g.pixel1_m = 75e-6;
    g.pixel2_m = 172e-6;
    g.rows = 300;
    g.cols = 200;
    g.wavelength_A = 1;
    return g;
}

struct RandomFit2d {
    std::mt19937_64 generator{7};
    double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(generator); }
    Fit2dGeometry operator()() { return {between(50, 2000), between(-500, 2500), between(-500, 2500), between(0, 60), between(-180, 180)}; }
};

/// The direction of the detector's columns (rows), from two points a pixel apart.
LabPoint step(Geometry const& g, double rows, double cols) {
    auto const a = lab_point(g, 0, 0), b = lab_point(g, rows, cols);
    return {b.t1 - a.t1, b.t2 - a.t2, b.t3 - a.t3, 0};
}

} // namespace

TEST_CASE("the beam meets the detector at FIT2D's centre and after its distance") {
    RandomFit2d random;
    for (int i = 0; i < 200; ++i) {
        auto const f = random();
        auto const at = lab_point(with_fit2d(pixels(), f), f.center_y_px, f.center_x_px);
        CAPTURE(f.tilt_deg);
        CAPTURE(f.tilt_plan_rotation_deg);
        CHECK(std::abs(at.t1) < 1e-14);
        CHECK(std::abs(at.t2) < 1e-14);
        CHECK(std::abs(at.t3 - f.distance_mm * 1e-3) < 1e-14);
        CHECK(std::abs(at.cos_incidence - std::cos(f.tilt_deg * std::numbers::pi / 180)) < 1e-13);
    }
}

TEST_CASE("the detector is tilted and not turned: a rotation about an axis across the beam is symmetric there") {
    RandomFit2d random;
    for (int i = 0; i < 200; ++i) {
        auto const g = with_fit2d(pixels(), random());
        double const up_along_rows = step(g, 0, 1).t1 / g.pixel2_m, along_up_rows = step(g, 1, 0).t2 / g.pixel1_m;
        CHECK(std::abs(up_along_rows - along_up_rows) < 1e-11); // rounding of metres over a pixel
    }
}

TEST_CASE("rotation 0 tilts about the vertical, 90 about the horizontal, and the higher pixels go away from the sample") {
    auto const about_vertical = with_fit2d(pixels(), {100, 10, 20, 5, 0});
    CHECK(about_vertical.rot2_rad == 0);
    CHECK(about_vertical.rot3_rad == 0);
    CHECK(about_vertical.rot1_rad == doctest::Approx(-5 * std::numbers::pi / 180).epsilon(1e-14));
    CHECK(std::abs(step(about_vertical, 1, 0).t3) < 1e-16);
    CHECK(step(about_vertical, 0, 1).t3 > 1e-6);
    auto const about_horizontal = with_fit2d(pixels(), {100, 10, 20, 5, 90});
    CHECK(std::abs(about_horizontal.rot1_rad) < 1e-16);
    CHECK(about_horizontal.rot2_rad == doctest::Approx(5 * std::numbers::pi / 180).epsilon(1e-14));
    CHECK(std::abs(step(about_horizontal, 0, 1).t3) < 1e-16);
    CHECK(step(about_horizontal, 1, 0).t3 > 1e-6);
}

TEST_CASE("without tilt the centre is the point of normal incidence") {
    auto const g = with_fit2d(pixels(), {81.6, 1034.5, 60, 0, 33});
    CHECK(g.distance_m == doctest::Approx(0.0816).epsilon(1e-15));
    CHECK(g.poni1_m == doctest::Approx(60 * 75e-6).epsilon(1e-15));
    CHECK(g.poni2_m == doctest::Approx(1034.5 * 172e-6).epsilon(1e-15));
    CHECK(std::abs(g.rot1_rad) + std::abs(g.rot2_rad) + std::abs(g.rot3_rad) == 0);
    CHECK(fit2d_of(g)->tilt_plan_rotation_deg == 0);
    CHECK(fit2d_of(g)->tilt_deg == 0);
}

TEST_CASE("there and back is the same, also for tilts that a cosine does not see") {
    RandomFit2d random;
    for (int i = 0; i < 400; ++i) {
        auto f = random();
        if (i % 2 == 1) f.tilt_deg *= 1e-9;
        auto const back = fit2d_of(with_fit2d(pixels(), f));
        REQUIRE(back);
        CAPTURE(f.tilt_deg);
        CHECK(back->distance_mm == doctest::Approx(f.distance_mm).epsilon(1e-13));
        CHECK(std::abs(back->center_x_px - f.center_x_px) < 1e-9);
        CHECK(std::abs(back->center_y_px - f.center_y_px) < 1e-9);
        CHECK(std::abs(back->tilt_deg - f.tilt_deg) < 1e-12 * f.tilt_deg + 1e-20);
        CHECK(std::abs(back->tilt_plan_rotation_deg - f.tilt_plan_rotation_deg) < 1e-9);
    }
}

TEST_CASE("a negative tilt is a tilt the other way") {
    auto const g = with_fit2d(pixels(), {100, 10, 20, -5, 30}), same = with_fit2d(pixels(), {100, 10, 20, 5, -150});
    CHECK(g.poni1_m == doctest::Approx(same.poni1_m).epsilon(1e-13));
    CHECK(g.rot1_rad == doctest::Approx(same.rot1_rad).epsilon(1e-13));
    CHECK(g.rot3_rad == doctest::Approx(same.rot3_rad).epsilon(1e-13));
    CHECK(fit2d_of(g)->tilt_deg == doctest::Approx(5).epsilon(1e-13));
    CHECK(fit2d_of(g)->tilt_plan_rotation_deg == doctest::Approx(-150).epsilon(1e-13));
}

TEST_CASE("a detector that looks away from the beam has no centre") {
    auto g = with_fit2d(pixels(), {100, 10, 20, 0, 0});
    g.rot1_rad = 2;
    CHECK_FALSE(fit2d_of(g));
}
