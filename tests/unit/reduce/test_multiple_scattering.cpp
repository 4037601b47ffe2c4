// Photons that scattered twice: sizes that are known, and the term in S(q).
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/multiple_scattering.hpp"
#include "pipeline/reduce/self_scattering.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace sqd;

namespace {

ReductionConfig glass(double thickness_um) {
    ReductionConfig c;
    c.energy_keV = 68.5;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = thickness_um;
    c.structure_factor = StructureFactorConfig{};
    return c;
}

} // namespace

TEST_CASE("of thin glass 0.15 %, of a millimetre 13 % of the photons scatter twice") {
    for (auto [thickness, percent, digits] : {std::tuple{10.0, 0.15, 0.03}, std::tuple{50.0, 0.7, 0.05}, std::tuple{1000.0, 13.0, 0.05}})
        CHECK(*multiple_scattering_ratio(glass(thickness).sample, 68.5) == doctest::Approx(percent / 100).epsilon(digits));
    auto tilted = glass(50).sample, wire = tilted;
    tilted.tilt_rad = std::numbers::pi / 3; // twice the way
    wire.shape = SampleShape::cylinder;
    double const plate = *multiple_scattering_ratio(glass(50).sample, 68.5);
    CHECK(*multiple_scattering_ratio(tilted, 68.5) == doctest::Approx(2 * plate).epsilon(0.01));
    CHECK(*multiple_scattering_ratio(wire, 68.5) == doctest::Approx(std::numbers::pi / 4 * plate).epsilon(0.01));
    auto unknown = glass(50).sample;
    unknown.density_g_cm3.reset();
    CHECK_FALSE(multiple_scattering_ratio(unknown, 68.5));
}

TEST_CASE("the mean over all directions is the total cross section that scatters") {
    // 4 pi r_e^2 <I1> = mu_s of an atom [barn]; xraylib's totals hold the same tables but f', f''
    auto config = glass(50);
    config.structure_factor->anomalous = false;
    double const barn = 4 * std::numbers::pi * 0.0794078 * mean_single_scattering(config);
    double const mass = 59.731, total = -std::log1p(-*multiple_scattering_ratio(config.sample, 68.5)) / (50e-4) / 6.0 * mass / 0.602214;
    CHECK(barn == doctest::Approx(total).epsilon(0.03));
}

TEST_CASE("it is subtracted where that is asked for, isotropic and so 1 / P in Thomson's units") {
    auto config = glass(1000);
    std::vector<double> const q{0.5, 20.0};
    CHECK(self_scattering(q, {}, config).multiple == std::vector<double>{0, 0});
    config.structure_factor->subtract_multiple_scattering = true;
    auto const multiple = self_scattering(q, {}, config).multiple;
    double const expected = *multiple_scattering_ratio(config.sample, 68.5) * mean_single_scattering(config);
    double const angle = 2 * std::asin(20 * 12.398419843 / 68.5 / (4 * std::numbers::pi));
    CHECK(multiple[0] == doctest::Approx(expected).epsilon(1e-3)); // P = 1 forwards
    CHECK(multiple[1] == doctest::Approx(expected / (1 + std::pow(std::cos(angle), 2)) * 2).epsilon(1e-9));
}
