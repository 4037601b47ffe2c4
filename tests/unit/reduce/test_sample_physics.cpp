// The sample as a plate: densities, attenuation, path lengths, fluorescence.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/sample_absorption.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <doctest/doctest.h>

#include <xraylib/xraylib.h>

#include <cmath>
#include <numbers>

using namespace sqd;

namespace {

Sample ribbon() {
    Sample s;
    s.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    s.density_g_cm3 = 6.0;
    s.thickness_um = 30;
    return s;
}

// Mean over the depth by the midpoint rule: what the closed form integrates.
double absorption_by_sum(double in, double out, double cosine) {
    constexpr int slices = 20000;
    double sum = 0;
    for (int i = 0; i < slices; ++i) {
        double const depth = (i + 0.5) / slices;
        sum += std::exp(-in * depth - out * (1 - depth) / cosine);
    }
    return sum / slices;
}

} // namespace

TEST_CASE("density, attenuation and transmission of the glass are those of the tables") {
    auto const s = ribbon();
    CHECK(mean_atomic_mass(s.composition) == doctest::Approx(59.731).epsilon(1e-5));
    CHECK(number_density_A3(s.composition, 6.0) == doctest::Approx(0.06049).epsilon(1e-4));
    CHECK(6.0 * mass_attenuation_cm2_g(s.composition, 13.0) == doctest::Approx(290.8).epsilon(3e-4));
    CHECK(6.0 * mass_attenuation_cm2_g(s.composition, 68.5) == doctest::Approx(12.62).epsilon(3e-4));
    CHECK(std::exp(-*optical_thickness(s, 13.0)) == doctest::Approx(0.418).epsilon(1e-3));
    CHECK(std::exp(-*optical_thickness(s, 68.5)) == doctest::Approx(0.963).epsilon(1e-3));
}

TEST_CASE("a measured transmission wins over the computed one, and an impossible one is refused") {
    auto s = ribbon();
    s.transmission = 0.5;
    CHECK(*optical_thickness(s, 13.0) == doctest::Approx(std::numbers::ln2));
    for (double bad : {0.0, -0.1, 1.01, std::nan("")}) {
        s.transmission = bad;
        CHECK_THROWS_AS(optical_thickness(s, 13.0), DataError);
    }
    s.transmission.reset();
    s.density_g_cm3.reset();
    CHECK_FALSE(optical_thickness(s, 13.0));
    CHECK_THROWS_AS(mass_attenuation_cm2_g(s.composition, 5000), DataError);
}

TEST_CASE("plate absorption is the mean over depth, forwards the transmission") {
    CHECK(plate_absorption(0.87, 0.87, 1) == doctest::Approx(std::exp(-0.87)));
    CHECK(plate_absorption(0, 0, 0.5) == 1);
    for (double cosine : {1.0, 0.99, 0.8, 0.3}) {
        for (double out : {0.0, 0.5, 0.87, 3.0}) {
            CHECK(plate_absorption(0.87, out, cosine) == doctest::Approx(absorption_by_sum(0.87, out, cosine)).epsilon(1e-8));
        }
    }
    CHECK(std::isnan(plate_absorption(0.87, 0.87, 0)));
    CHECK(plate_absorption(0.5, 0.5, 1 - 1e-13) == doctest::Approx(std::exp(-0.5)).epsilon(1e-10));
}

TEST_CASE("fluorescence is all that the shells emit, each line once, and none that the beam cannot excite") {
    auto const lines = fluorescence_lines(ribbon().composition, 13.0);
    double copper = 0;
    for (auto const& line : lines) {
        CHECK(line.energy_keV < 13.0);
        CHECK((line.z != 40 || line.energy_keV < 3)); // Zr K is at 18 keV: only its L lines
        if (line.z == 29 && line.energy_keV > 8) copper += line.thomson_units;
    }
    // the families that xraylib sums by itself; 7.5 % of the atoms, r_e^2 = 0.0794078 b
    double const barn = CSb_FluorLine(29, KA_LINE, 13.0, nullptr) + CSb_FluorLine(29, KB_LINE, 13.0, nullptr);
    CHECK(copper == doctest::Approx(0.075 * barn / (4 * std::numbers::pi * 0.0794078)).epsilon(1e-4));
}

TEST_CASE("of a heavy element the L lines count, all three subshells") {
    double tungsten = 0, barn = 0;
    for (auto const& line : fluorescence_lines(parse_composition("W"), 13.0)) tungsten += line.thomson_units;
    for (int line : {L1M3_LINE, L2M4_LINE, L3M5_LINE}) barn += CSb_FluorLine(74, line, 13.0, nullptr) / RadRate(74, line, nullptr);
    CHECK(tungsten == doctest::Approx(barn / (4 * std::numbers::pi * 0.0794078)).epsilon(1e-3)); // rates of a subshell sum to 1
}
