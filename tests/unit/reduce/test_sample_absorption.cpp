// What a tilted plate and a cylinder absorb: closed forms, limits, and integrals by brute force.
#include "pipeline/reduce/sample_absorption.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;

namespace {

constexpr double degree = std::numbers::pi / 180;

Sample tilted(double tilt_deg, double azimuth_deg = 0) {
    Sample s;
    s.tilt_rad = tilt_deg * degree;
    s.tilt_azimuth_rad = azimuth_deg * degree;
    return s;
}

Sample wire() {
    Sample s;
    s.shape = SampleShape::cylinder;
    return s;
}

double ring(Sample const& s, double in, double out, double two_theta_deg, std::optional<std::pair<double, double>> sector = {}) {
    return ring_absorption(s, sector, in, {out}, {std::cos(two_theta_deg * degree)}).front();
}

// Mean over depth and azimuth by the midpoint rule; rays that cannot leave in a straight line to the back leave by the front.
double plate_by_sum(double tilt, double in, double out, double two_theta) {
    constexpr int depths = 4000, azimuths = 2000;
    double sum = 0;
    for (int a = 0; a < azimuths; ++a) {
        double const chi = 2 * std::numbers::pi * (a + 0.5) / azimuths;
        double const cosine = std::cos(tilt) * std::cos(two_theta) + std::sin(tilt) * std::sin(two_theta) * std::cos(chi);
        for (int d = 0; d < depths; ++d) {
            double const z = (d + 0.5) / depths;
            sum += std::exp(-in * z / std::cos(tilt) - out * (cosine > 0 ? 1 - z : z) / std::abs(cosine));
        }
    }
    return sum / depths / azimuths;
}

// Points of the section and azimuths by chance; also the error of the mean.
std::pair<double, double> cylinder_by_chance(double in, double out, double two_theta, int draws) {
    constexpr unsigned seed = 20261126;
    MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
        double const r = std::sqrt(uniform(random)), at = 2 * std::numbers::pi * uniform(random),
                     chi = 2 * std::numbers::pi * uniform(random);
        double const x = r * std::cos(at), y = r * std::sin(at); // beam along x, axis along z
        double const ux = std::cos(two_theta), uy = std::sin(two_theta) * std::cos(chi);
        // |(x, y) + s (ux, uy)| = 1
        double const a = ux * ux + uy * uy, b = x * ux + y * uy, s = (-b + std::sqrt(b * b + a * (1 - r * r))) / a;
        double const value = std::exp(-in / 2 * (x + std::sqrt(1 - y * y)) - out / 2 * s);
        sum += value;
        squares += value * value;
    }
    double const mean = sum / draws;
    return {mean, std::sqrt((squares / draws - mean * mean) / draws)};
}

} // namespace

TEST_CASE("a plate that is hardly tilted is the plate square to the beam") {
    for (double const two_theta : {0.0, 10.0, 40.0, 80.0})
        CHECK(ring(tilted(1e-6), 0.87, 0.95, two_theta) == doctest::Approx(ring(tilted(0), 0.87, 0.95, two_theta)).epsilon(1e-7));
    CHECK(ring(tilted(0), 0.87, 0.95, 40) == plate_absorption(0.87, 0.95, std::cos(40 * degree)));
}

TEST_CASE("in the plane of the tilt it is the slab of LiquidDiffract") {
    // core.py: a = angle of the plate's surface to the beam, L = t / sin a, x = L sin a / sin(a + 2theta)
    double const mu = 0.7;
    for (double const tilt : {10.0, 45.0}) {
        for (double const two_theta : {5.0, 25.0}) {
            double const a = (90 - tilt) * degree, length = 1 / std::sin(a), x = length * std::sin(a) / std::sin(a + two_theta * degree);
            double const slab = std::exp(-mu * x) * (std::exp(mu * (x - length)) - 1) / (mu * (x - length));
            double const cos_out = std::cos((tilt - two_theta) * degree); // towards the normal
            CHECK(tilted_plate_absorption(mu, mu, std::cos(tilt * degree), cos_out) == doctest::Approx(slab).epsilon(1e-12));
            double const narrow = ring(tilted(tilt, 30), mu, mu, two_theta, std::pair{29.99, 30.01});
            CHECK(narrow == doctest::Approx(slab).epsilon(1e-6));
        }
    }
}

TEST_CASE("the mean over a ring is the mean over depth and azimuth, also where rays leave by the front") {
    for (auto [tilt, two_theta] : {std::pair{30.0, 20.0}, std::pair{60.0, 51.0}, std::pair{79.0, 40.0}}) {
        auto const& this_tilt = tilt;
        CAPTURE(this_tilt);
        CHECK(ring(tilted(tilt), 0.2, 0.3, two_theta) ==
              doctest::Approx(plate_by_sum(tilt * degree, 0.2, 0.3, two_theta * degree)).epsilon(1e-5));
    }
}

TEST_CASE("a sector knows where the tilt points, whole rings do not") {
    auto const towards = ring(tilted(30, 90), 0.5, 0.5, 40, std::pair{60.0, 120.0});
    auto const away = ring(tilted(30, -90), 0.5, 0.5, 40, std::pair{60.0, 120.0});
    CHECK(towards > 1.05 * away);
    CHECK(ring(tilted(30, 90), 0.5, 0.5, 40) == doctest::Approx(ring(tilted(30, 17), 0.5, 0.5, 40)).epsilon(1e-12));
    CHECK(ring(tilted(30, 90), 0.5, 0.5, 40, std::pair{-180.0, 180.0}) == doctest::Approx(ring(tilted(30), 0.5, 0.5, 40)).epsilon(1e-6));
    // across 180
    CHECK(ring(tilted(30, 180), 0.5, 0.5, 40, std::pair{150.0, -150.0}) == doctest::Approx(towards).epsilon(1e-9));
}

TEST_CASE("a cylinder absorbs as the International Tables have it") {
    // mu R -> 0: 1 - mu R (8 / 3 pi) (in) - the same (out), for the way of a ray from any point to the surface averages 8 R / 3 pi
    double const thin = 1e-4;
    CHECK(1 - cylinder_absorption(2 * thin, 2 * thin, 0.4) == doctest::Approx(2 * thin * 8 / (3 * std::numbers::pi)).epsilon(1e-3));
    // forwards every ray has its whole chord: (4 / pi) int cos^2 u exp(-2 mu R cos u) du
    for (double const radius : {0.1, 1.0, 2.0}) {
        double sum = 0;
        constexpr int steps = 20000;
        for (int i = 0; i < steps; ++i) {
            double const u = std::numbers::pi / 2 * (i + 0.5) / steps;
            sum += 2.0 / steps * std::pow(std::cos(u), 2) * std::exp(-2 * radius * std::cos(u));
        }
        CHECK(cylinder_absorption(2 * radius, 2 * radius, 0) == doctest::Approx(sum).epsilon(1e-6));
        CHECK(ring(wire(), 2 * radius, 2 * radius, 0) == doctest::Approx(sum).epsilon(1e-6));
    }
    // Hewat, Acta Cryst. A35 (1979) 248, fitted to the tables up to mu R = 1; to a per cent
    for (double const radius : {0.2, 0.5, 0.8}) {
        for (double const theta : {0.0, 20.0, 40.0}) {
            double const s2 = std::pow(std::sin(theta * degree), 2);
            double const fit = std::exp(-(1.7133 - 0.0368 * s2) * radius + (0.0927 + 0.375 * s2) * radius * radius);
            CHECK(cylinder_absorption(2 * radius, 2 * radius, 2 * theta * degree) == doctest::Approx(fit).epsilon(0.012));
        }
    }
}

TEST_CASE("the mean of a cylinder over its ring is what photons by chance make it, also at another energy") {
    for (auto [in, out, two_theta] : {std::tuple{1.0, 1.0, 51.0}, std::tuple{0.6, 3.0, 30.0}, std::tuple{2.5, 2.5, 80.0}}) {
        auto const [mean, sigma] = cylinder_by_chance(in, out, two_theta * degree, 1000000);
        CHECK(std::abs(ring(wire(), in, out, two_theta) - mean) < 4 * sigma);
    }
}

TEST_CASE("between the points of its table a cylinder is as on them") {
    std::vector<double> cosines, outs;
    for (int i = 0; i <= 50; ++i) {
        cosines.push_back(std::cos(i * 1.6 * degree));
        outs.push_back(1.2 + 0.01 * i); // as of recoiled photons
    }
    auto const all = ring_absorption(wire(), {}, 1.2, outs, cosines);
    for (std::size_t i : {3u, 17u, 31u, 49u}) {
        auto const one = ring_absorption(wire(), {}, 1.2, {outs[i]}, {cosines[i]}).front(); // worked out as the end of a table
        CHECK(all[i] == doctest::Approx(one).epsilon(1e-5));
    }
}

TEST_CASE("transmission and thickness are each other's inverse, and a cylinder lets more through than its diameter") {
    for (auto const& sample : {tilted(0), tilted(60), wire()}) {
        for (double const thickness : {0.01, 0.5, 3.0})
            CHECK(thickness_of_transmission(sample, sample_transmission(sample, thickness)) == doctest::Approx(thickness).epsilon(1e-9));
        CHECK(sample_transmission(sample, 0) == doctest::Approx(1));
        CHECK(thickness_of_transmission(sample, 1) == doctest::Approx(0).scale(1));
        // thin: 1 - mean way
        CHECK(1 - sample_transmission(sample, 1e-6) == doctest::Approx(1e-6 * mean_path(sample)).epsilon(1e-5));
    }
    CHECK(sample_transmission(tilted(60), 0.5) == doctest::Approx(std::exp(-1.0)));
    CHECK(sample_transmission(wire(), 1.0) > std::exp(-1.0));
}
