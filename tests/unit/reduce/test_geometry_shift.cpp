// The fit of a geometry to points of rings: exact points, outliers, scatter, and too little of them.
#include "pipeline/reduce/geometry_shift.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;

namespace {

constexpr unsigned seed = 20240613;

Geometry tilted() {
    Geometry g;
    g.distance_m = 0.2;
    g.poni1_m = 0.08;
    g.poni2_m = 0.09;
    g.rot1_rad = 0.03;
    g.rot2_rad = -0.02;
    g.rot3_rad = 0.4;
    g.pixel1_m = g.pixel2_m = 172e-6;
    g.rows = g.cols = 1000;
    g.wavelength_A = 0.4;
    return g;
}

/// A point on the detector as each of two geometries sees it.
struct Seen {
    double chi, q;
};

Seen seen(Geometry const& g, double d1_m, double d2_m) {
    auto const point = DetectorPlane(g).at(d1_m - g.poni1_m, d2_m - g.poni2_m);
    return {chi_rad(point), q_invA(two_theta_rad(point), g.wavelength_A)};
}

/// Points about the middle of the detector at three radii: q in force is measured, q of the true geometry is theory.
std::vector<RingPoint> points(Geometry const& in_force, Geometry const& truth, double sigma_invA, double degrees = 360) {
    std::vector<RingPoint> out;
    for (double const radius : {0.02, 0.045, 0.07}) {
        for (int i = 0; i < 24; ++i) {
            double const angle = (i + 0.3) * degrees / 24 * std::numbers::pi / 180;
            double const d1 = 0.085 + radius * std::sin(angle), d2 = 0.084 + radius * std::cos(angle);
            Seen const now = seen(in_force, d1, d2);
            out.push_back({now.chi, {now.q, sigma_invA}, seen(truth, d1, d2).q});
        }
    }
    return out;
}

} // namespace

TEST_CASE("exact points give back what moved") {
    Geometry const in_force = tilted();
    Geometry truth = in_force;
    truth.distance_m += 2e-3;
    truth.poni1_m -= 3e-4;
    truth.poni2_m += 5e-4;
    auto const three = fit_geometry_shift(in_force, points(in_force, truth, 1e-3), false);
    REQUIRE(three);
    CHECK(three->distance_m.value == doctest::Approx(2e-3).epsilon(1e-7));
    CHECK(three->poni1_m.value == doctest::Approx(-3e-4).epsilon(1e-7));
    CHECK(three->poni2_m.value == doctest::Approx(5e-4).epsilon(1e-7));
    CHECK(three->degrees_of_freedom == 69);
    CHECK_FALSE(three->rot1_rad);
    truth.rot1_rad += 0.01;
    truth.rot2_rad += 0.004;
    auto const five = fit_geometry_shift(in_force, points(in_force, truth, 1e-3), true);
    REQUIRE(five);
    CHECK(five->distance_m.value == doctest::Approx(2e-3).epsilon(1e-5));
    CHECK(five->poni1_m.value == doctest::Approx(-3e-4).epsilon(1e-5));
    CHECK(five->rot1_rad->value == doctest::Approx(0.01).epsilon(1e-5));
    CHECK(five->rot2_rad->value == doctest::Approx(0.004).epsilon(1e-5));
}

TEST_CASE("points beyond five times the scatter are left out and named") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Geometry const g = tilted();
    auto noisy = points(g, g, 1e-3);
    std::normal_distribution<double> noise(0, 1e-3);
    for (auto& p : noisy) p.q_invA.value += noise(random);
    for (std::size_t const i : {5U, 17U, 40U}) noisy[i].q_invA.value += 0.05;
    auto const out = fit_geometry_shift(g, noisy, false);
    REQUIRE(out);
    CHECK(out->outliers == std::vector<std::size_t>{5, 17, 40});
    CHECK(out->degrees_of_freedom == 66);
    CHECK(std::abs(out->distance_m.value) < 4 * out->distance_m.sigma);
    CHECK(out->chi2 > 30); // 66 +- 11.5
    CHECK(out->chi2 < 108);
}

TEST_CASE("scatter beyond sigma is found, in pixels, and sigma follows the scatter in both directions") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Geometry const g = tilted();
    double mean_scatter = 0, mean_wide = 0, mean_known = 0, mean_loose = 0;
    constexpr int draws = 40;
    for (int draw = 0; draw < draws; ++draw) {
        std::normal_distribution<double> unit(0, 1);
        auto wide = points(g, g, 1e-5), known = wide, loose = wide;
        for (std::size_t i = 0; i < wide.size(); ++i) {
            double const off = unit(random) * 0.2 * q_per_pixel(g, wide[i].q_theory_invA);
            wide[i].q_invA.value += off;
            known[i].q_invA = {known[i].q_invA.value + off, 0.2 * q_per_pixel(g, wide[i].q_theory_invA)};
            loose[i].q_invA = {loose[i].q_invA.value + off, 20 * q_per_pixel(g, wide[i].q_theory_invA)};
        }
        auto const a = fit_geometry_shift(g, wide, false);
        mean_scatter += a->scatter_px / draws;
        mean_wide += a->distance_m.sigma / draws;
        mean_known += fit_geometry_shift(g, known, false)->distance_m.sigma / draws;
        mean_loose += fit_geometry_shift(g, loose, false)->distance_m.sigma / draws;
    }
    CHECK(mean_scatter == doctest::Approx(0.2).epsilon(0.05)); // sigma of the mean 1.3 %
    CHECK(mean_wide == doctest::Approx(mean_known).epsilon(0.02));
    CHECK(mean_loose == doctest::Approx(mean_known).epsilon(0.1));
}

TEST_CASE("what the points do not determine is not reported") {
    Geometry const g = tilted();
    CHECK_FALSE(fit_geometry_shift(g, {}, false));
    auto few = points(g, g, 1e-3);
    few.resize(3);
    CHECK_FALSE(fit_geometry_shift(g, few, false));
    auto const ring = points(g, g, 1e-3);
    std::vector<RingPoint> const same(10, ring[4]);
    CHECK_FALSE(fit_geometry_shift(g, same, false));
    // points that fit to the last bit have no outliers among their rounding
    auto const full = fit_geometry_shift(g, ring, false);
    REQUIRE(full);
    CHECK(full->outliers.empty());
}

TEST_CASE("an arc knows distance and centre worse than a ring, and says so") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Geometry const g = tilted();
    std::normal_distribution<double> noise(0, 1e-3);
    auto const fit_of = [&](double degrees) {
        auto noisy = points(g, g, 1e-3, degrees);
        for (auto& p : noisy) p.q_invA.value += noise(random);
        return fit_geometry_shift(g, noisy, false);
    };
    auto const ring = fit_of(360), arc = fit_of(30);
    REQUIRE(ring);
    REQUIRE(arc);
    CHECK(arc->poni2_m.sigma > 2 * ring->poni2_m.sigma);
    CHECK(std::abs(arc->distance_m.value) < 4 * arc->distance_m.sigma);
    CHECK(std::abs(arc->poni2_m.value) < 4 * arc->poni2_m.sigma);
}
