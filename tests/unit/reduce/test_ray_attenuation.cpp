// Air and windows against numbers of others.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/ray_attenuation.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace sqd;

namespace {

Absorber window(char const* material, double density, double thickness_um, bool faces_beam = false) {
    return {parse_composition(material), density, thickness_um, faces_beam};
}

} // namespace

TEST_CASE("air attenuates as in NIST's tables") {
    // Hubbell & Seltzer, NISTIR 5632, table 4, "Air, Dry": mu/rho [cm^2/g] 1.614 at 15 keV, 0.7779 at 20 keV; 1.2041 kg/m^3 at 20 C,
    // 1013.25 hPa
    for (auto const& [energy, per_g] : {std::pair{15.0, 1.614}, std::pair{20.0, 0.7779}}) {
        double const metre = ray_attenuation(AirPath{1}, {}, energy).normal();
        CHECK(metre == doctest::Approx(per_g * 1.2041e-3 * 100).epsilon(0.01)); // xraylib's tables are others
    }
}

TEST_CASE("the air's attenuation goes with its length, pressure and inverse temperature") {
    double const one = ray_attenuation(AirPath{1, 1000, 0}, {}, 13).normal();
    CHECK(ray_attenuation(AirPath{0.3, 1000, 0}, {}, 13).normal() == doctest::Approx(0.3 * one));
    CHECK(ray_attenuation(AirPath{1, 500, 0}, {}, 13).normal() == doctest::Approx(0.5 * one));
    CHECK(ray_attenuation(AirPath{1, 1000, 27.315}, {}, 13).normal() == doctest::Approx(one / 1.1));
}

TEST_CASE("windows attenuate as in NIST's tables, and add to air") {
    // table 3: aluminium 26.23 cm^2/g at 10 keV, beryllium 0.6466 at 10 keV; table 4: polyimide (Kapton) is C22H10N2O5
    CHECK(ray_attenuation({}, window("Al", 2.699, 100), 10).normal() == doctest::Approx(26.23 * 2.699 * 0.01).epsilon(0.01));
    CHECK(ray_attenuation({}, window("Be", 1.848, 500), 10).normal() == doctest::Approx(0.6466 * 1.848 * 0.05).epsilon(0.02));
    auto const both = ray_attenuation(AirPath{1}, window("Al", 2.699, 100), 10);
    CHECK(both.along_detector ==
          doctest::Approx(ray_attenuation(AirPath{1}, {}, 10).normal() + ray_attenuation({}, window("Al", 2.699, 100), 10).normal()));
    CHECK(both.along_beam == 0);
    CHECK(ray_attenuation({}, window("Al", 2.699, 100, true), 10).along_beam ==
          both.normal() - ray_attenuation(AirPath{1}, {}, 10).normal());
}

TEST_CASE("a ray along the normal is the measure, and one that never crosses the layer does not arrive") {
    RayAttenuation const ray{0.4, 0.2};
    CHECK(ray.relative_transmission(1, 1) == 1);
    CHECK(ray.relative_transmission(0.5, 1) == doctest::Approx(std::exp(-0.4)));
    CHECK(ray.relative_transmission(1, 0.5) == doctest::Approx(std::exp(-0.2)));
    CHECK(ray.relative_transmission(1, -0.1) == 0);
    CHECK(ray_attenuation({}, {}, 0).relative_transmission(0.1, -0.1) == 1); // nothing is there: no energy is asked for
}

TEST_CASE("an energy that no table has is refused") {
    CHECK_THROWS_AS(ray_attenuation(AirPath{1}, {}, 0), DataError);
}
