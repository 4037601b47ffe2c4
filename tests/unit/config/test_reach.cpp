#include "config/reach.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace sqd;

namespace {

/// 200 x 100 pixels of 1 mm at 1 m, 1 A, beam in the middle.
Geometry flat() {
    Geometry g;
    g.distance_m = 1;
    g.poni1_m = 0.1;
    g.poni2_m = 0.05;
    g.pixel1_m = g.pixel2_m = 1e-3;
    g.rows = 200;
    g.cols = 100;
    g.wavelength_A = 1;
    return g;
}

double q_of_radius(double radius_m) {
    return 4 * std::numbers::pi * std::sin(std::atan(radius_m) / 2);
}

/// The range over all corners of all pixels.
std::pair<double, double> by_brute_force(Geometry const& g) {
    std::pair<double, double> range{1e9, 0};
    for (std::size_t row = 0; row <= g.rows; ++row) {
        for (std::size_t col = 0; col <= g.cols; ++col) {
            auto const angle = two_theta_rad(lab_point(g, static_cast<double>(row), static_cast<double>(col)));
            range = {std::min(range.first, angle), std::max(range.second, angle)};
        }
    }
    return range;
}

} // namespace

TEST_CASE("a detector around the beam reaches from nothing to its far corner") {
    auto const [low, high] = reachable_range(flat(), RadialUnit::q_invA);
    CHECK(low == 0);
    CHECK(high == doctest::Approx(q_of_radius(std::hypot(0.1, 0.05))).epsilon(1e-12));
    CHECK(reachable_range(flat(), RadialUnit::q_invnm).second == doctest::Approx(10 * high).epsilon(1e-12));
    CHECK(reachable_range(flat(), RadialUnit::r_mm).second == doctest::Approx(1e3 * std::hypot(0.1, 0.05)).epsilon(1e-12));
    CHECK(reachable_range(flat(), RadialUnit::two_theta_deg).second ==
          doctest::Approx(std::atan(std::hypot(0.1, 0.05)) * 180 / std::numbers::pi).epsilon(1e-12));
}

TEST_CASE("the reach of a tilted detector off the beam is that of all its pixels") {
    auto g = flat();
    g.rot1_rad = 0.35;
    g.rot2_rad = -0.2;
    g.rot3_rad = 0.1;
    for (auto const orientation : {1, 2, 3, 4}) {
        g.orientation = orientation;
        auto const brute = by_brute_force(g);
        auto const [low, high] = reachable_range(g, RadialUnit::two_theta_rad);
        CHECK(low == doctest::Approx(brute.first).epsilon(1e-12));
        CHECK(high == doctest::Approx(brute.second).epsilon(1e-12));
    }
}

TEST_CASE("every unit is the same q") {
    auto const g = flat();
    auto const angle = 0.1;
    auto const q = q_invA(angle, g.wavelength_A);
    CHECK(q_of_radial(q, RadialUnit::q_invA, g) == q);
    CHECK(q_of_radial(10 * q, RadialUnit::q_invnm, g) == doctest::Approx(q).epsilon(1e-12));
    CHECK(q_of_radial(angle, RadialUnit::two_theta_rad, g) == doctest::Approx(q).epsilon(1e-12));
    CHECK(q_of_radial(angle * 180 / std::numbers::pi, RadialUnit::two_theta_deg, g) == doctest::Approx(q).epsilon(1e-12));
    CHECK(q_of_radial(1e3 * std::tan(angle), RadialUnit::r_mm, g) == doctest::Approx(q).epsilon(1e-12));
}

TEST_CASE("ring cover is one inside, what the edges leave outside, and nothing beyond") {
    auto const g = flat();
    Mask const none(g.rows, g.cols);
    CHECK(ring_cover(g, none, q_of_radius(0.03)) == 1);
    // radius 0.08 between edges at +-0.05: 4 asin(0.05 / 0.08) of 2 pi; 7200 azimuths count to 1/1800 at four edges
    CHECK(std::abs(ring_cover(g, none, q_of_radius(0.08)) - 4 * std::asin(0.05 / 0.08) / (2 * std::numbers::pi)) < 1.0 / 1800);
    CHECK(ring_cover(g, none, q_of_radius(0.12)) == 0);
    CHECK(ring_cover(g, none, 100) == 0);
}

TEST_CASE("ring cover on the rim and under a mask") {
    auto g = flat();
    Mask half(g.rows, g.cols);
    for (std::size_t row = 0; row < 100; ++row) {
        for (std::size_t col = 0; col < g.cols; ++col) half(row, col) = 1;
    }
    CHECK(std::abs(ring_cover(g, half, q_of_radius(0.03)) - 0.5) < 1.0 / 1800);
    g.poni1_m = 0; // beam on the lower edge
    CHECK(std::abs(ring_cover(g, Mask(g.rows, g.cols), q_of_radius(0.03)) - 0.5) < 1.0 / 1800);
}

TEST_CASE("ring cover agrees with the solid angle of the pixels in the ring, also on a tilted detector") {
    auto g = flat();
    g.rot1_rad = 0.12;
    g.rot2_rad = 0.05;
    g.rot3_rad = 0.4;
    Mask const none(g.rows, g.cols);
    for (auto const orientation : {1, 2, 3, 4}) {
        g.orientation = orientation;
        double const low = 0.10, high = 0.13; // 2 theta
        double solid_angle = 0;
        for (std::size_t row = 0; row < g.rows; ++row) {
            for (std::size_t col = 0; col < g.cols; ++col) {
                auto const point = lab_point(g, static_cast<double>(row) + 0.5, static_cast<double>(col) + 0.5);
                auto const angle = two_theta_rad(point);
                if (angle >= low && angle < high) solid_angle += 1e-6 * std::pow(point.cos_incidence, 3);
            }
        }
        double cover = 0;
        for (int i = 0; i < 30; ++i) cover += ring_cover(g, none, q_invA(low + (high - low) * (i + 0.5) / 30, g.wavelength_A)) / 30;
        // pixels are counted whole by their centres: about 30 x 200 of them, their number is known to a fraction of the rim
        CHECK(cover == doctest::Approx(solid_angle / (2 * std::numbers::pi * (std::cos(low) - std::cos(high)))).epsilon(0.01));
        CHECK(cover > 0.2);
        CHECK(cover < 0.9);
    }
}
