// Compton scattering: limits, xraylib's own cross sections, and continuity.
#include "pipeline/reduce/compton.hpp"

#include <doctest/doctest.h>

#include <xraylib/xraylib.h>

#include <cmath>
#include <numbers>

using namespace sqd;

TEST_CASE("the incoherent function starts as q squared, without a step where the table begins, and ends at Z") {
    auto const zr = parse_composition("Zr");
    auto const c = compton_mean(zr, {0.0, 0.02, 0.04, 0.0804, 0.0805, 100.0});
    CHECK(c[0] == 0);
    CHECK(c[2] == doctest::Approx(4 * c[1]));
    CHECK(c[4] == doctest::Approx(c[3]).epsilon(0.01));
    CHECK(c[5] == doctest::Approx(40).epsilon(0.03));
}

TEST_CASE("a photon keeps its energy forwards and loses two Compton wavelengths backwards") {
    CHECK(compton_energy_ratio(68.5, 1) == 1);
    double const back = 68.5 * compton_energy_ratio(68.5, -1);
    CHECK(12.398419843 / back - 12.398419843 / 68.5 == doctest::Approx(2 * 0.02426310).epsilon(1e-6));
}

TEST_CASE("Klein-Nishina over Thomson equals xraylib's cross sections, unpolarised and polarised") {
    for (double energy : {13.0, 68.5}) {
        for (double angle : {0.05, 0.4, 0.9, 1.4}) {
            double const k = compton_energy_ratio(energy, std::cos(angle));
            double const ring = klein_nishina_over_thomson(k, ring_polarization(std::cos(angle)));
            CHECK(ring == doctest::Approx(DCS_KN(energy, angle, nullptr) / DCS_Thoms(angle, nullptr)).epsilon(1e-6));
            for (double azimuth : {0.0, 0.7, 1.5}) {
                double const p = 1 - std::pow(std::sin(angle) * std::cos(azimuth), 2);
                double const expected = DCSP_KN(energy, angle, azimuth, nullptr) / DCSP_Thoms(angle, azimuth, nullptr);
                CHECK(klein_nishina_over_thomson(k, p) == doctest::Approx(expected).epsilon(1e-6));
            }
        }
    }
}
