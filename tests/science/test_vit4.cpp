// The alloy of the first experiment: tabulated averages to their print, and the numbers its corrections are known by.
#include "pipeline/reduce/attenuation.hpp"
#include "pipeline/reduce/compton.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/ray_attenuation.hpp"
#include "pipeline/reduce/sample_absorption.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace sqd;

namespace {

Composition vit4() {
    return parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
}

double cos_two_theta(double q, double energy) {
    return 1 - 2 * std::pow(q * 12.398419843 / energy / (4 * std::numbers::pi), 2);
}

// The ribbon of the map: 30 um at 13 keV, an Eiger with its threshold at half the energy.
ReductionConfig ribbon() {
    ReductionConfig c;
    c.energy_keV = 13;
    c.threshold_keV = 6.5;
    c.sample.composition = vit4();
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.structure_factor = StructureFactorConfig{};
    return c;
}

constexpr double barn = 0.0794078; // r_e^2

} // namespace

TEST_CASE("the averages of the alloy equal the table to its eight digits from q 0.1 to 30") {
    SQD_SHARED_DATA_OR_SKIP(file, "total_scattering/vit4_scattering_factors.txt");
    auto const table = test::read_columns(file);
    REQUIRE(table.size() == 8);
    REQUIRE(table[0].size() == 300);
    auto const& q = table[0];
    auto const f = form_factor_averages(vit4(), q, std::nullopt);
    auto const compton = compton_mean(vit4(), q);
    for (std::size_t i = 0; i < q.size(); ++i) {
        CAPTURE(q[i]);
        CHECK(f.f2_mean[i] == doctest::Approx(table[1][i]).epsilon(6e-8));
        CHECK(f.f_mean2[i] == doctest::Approx(table[2][i]).epsilon(6e-8));
        CHECK(compton[i] == doctest::Approx(table[5][i]).epsilon(1e-7));
        for (auto [energy, column] : {std::pair{13.0, 6}, std::pair{68.5, 7}}) {
            double const cosine = cos_two_theta(q[i], energy);
            if (cosine < -1) continue; // not reached at this energy
            double const r = klein_nishina_over_thomson(compton_energy_ratio(energy, cosine), ring_polarization(cosine));
            double const printed = table[static_cast<std::size_t>(column)][i];
            if (std::isfinite(printed)) CHECK(r == doctest::Approx(printed).epsilon(1e-7));
        }
    }
}

TEST_CASE("self-absorption and sensor efficiency have their known sizes") {
    double const x13 = 290.8 * 30e-4, x68 = 12.62 * 50e-4, degree = std::numbers::pi / 180;
    CHECK(plate_absorption(x13, x13, std::cos(40 * degree)) / std::exp(-x13) == doctest::Approx(0.88).epsilon(0.006)); // two digits quoted
    CHECK(plate_absorption(x68, x68, std::cos(51 * degree)) / std::exp(-x68) == doctest::Approx(0.98).epsilon(0.006));
    auto const eta = [degree](double angle, double energy) {
        return absorbed_fraction(sensor_attenuation_per_cm("CdTe", energy) * 0.1 / std::cos(angle * degree));
    };
    CHECK(eta(0, 68.5) == doctest::Approx(0.9314).epsilon(1e-4));
    CHECK(eta(51, 65.2) / eta(51, 68.5) == doctest::Approx(0.9925 / 0.986).epsilon(1e-3));
}

TEST_CASE("each correction alone has its known size") {
    std::vector<double> const q{2.6, 30};
    auto const plain = form_factor_averages(vit4(), q, std::nullopt);
    CHECK(plain.f2_mean[0] == doctest::Approx(561.75).epsilon(2e-5));
    CHECK((plain.f2_mean[0] - plain.f_mean2[0]) / plain.f_mean2[0] == doctest::Approx(0.3597).epsilon(2e-4));
    CHECK(compton_mean(vit4(), q)[1] / plain.f_mean2[1] == doctest::Approx(2.780).epsilon(2e-4));
    CHECK(form_factor_averages(vit4(), {2.6, 7}, 13.0).f2_mean[0] / plain.f2_mean[0] - 1 == doctest::Approx(-0.046).epsilon(0.01));
    CHECK(form_factor_averages(vit4(), {30}, 68.5).f2_mean[0] / plain.f2_mean[1] - 1 == doctest::Approx(0.042).epsilon(0.02));
    // Hubbell's form factors: <f^2> 0.3 % lower at the peak, 4.3 % at q 30
    auto const hubbell = form_factor_averages(vit4(), q, std::nullopt, FormFactorTable::xraylib);
    CHECK(hubbell.f2_mean[0] / plain.f2_mean[0] - 1 == doctest::Approx(-0.003).epsilon(0.2));
    CHECK(hubbell.f2_mean[1] / plain.f2_mean[1] - 1 == doctest::Approx(-0.043).epsilon(0.03));
    CHECK(form_factor(40, 20, FormFactorTable::xraylib) == doctest::Approx(6.722).epsilon(1e-4));

    double const c30 = cos_two_theta(30, 68.5), degree = std::numbers::pi / 180;
    CHECK(klein_nishina_over_thomson(compton_energy_ratio(68.5, c30), ring_polarization(c30)) == doctest::Approx(0.9085).epsilon(1e-4));
    double const depth = sensor_attenuation_per_cm("CdTe", 68.5) * 0.1;
    for (auto [angle, ratio] : {std::pair{10.0, 1.0030}, std::pair{20.0, 1.0116}, std::pair{30.0, 1.0250}, std::pair{40.0, 1.0411}})
        CHECK(absorbed_fraction(depth / std::cos(angle * degree)) / absorbed_fraction(depth) == doctest::Approx(ratio).epsilon(5e-5));
    double const air = ray_attenuation(AirPath{0.5}, std::nullopt, 13).normal(); // half a metre
    CHECK(1 - std::exp(-air * (1 / std::cos(40 * degree) - 1)) == doctest::Approx(0.043).epsilon(0.01));
}

TEST_CASE("each option switches its term on and off, and nothing else") {
    std::vector<double> const q{0, 2.6, 6.0};
    auto const all = self_scattering(q, {}, ribbon());
    auto const with = [&](auto const& change) {
        auto config = ribbon();
        change(config);
        return self_scattering(q, {}, config);
    };
    auto const no_compton = with([](ReductionConfig& c) { c.structure_factor->compton = false; });
    CHECK(no_compton.compton == std::vector<double>{0, 0, 0});
    CHECK(no_compton.f2_mean == all.f2_mean);
    CHECK(no_compton.fluorescence == all.fluorescence);
    auto const no_recoil = with([](ReductionConfig& c) { c.structure_factor->recoil = false; });
    CHECK(no_recoil.compton == compton_mean(vit4(), q)); // as Thomson's, of the beam's energy
    CHECK(no_recoil.compton[0] == 0);                    // the tables are extended to q = 0
    CHECK(all.compton[0] == 0);
    CHECK(all.compton[1] / no_recoil.compton[1] == doctest::Approx(0.996).epsilon(0.01)); // Klein-Nishina, and less that comes out
    auto const no_lines = with([](ReductionConfig& c) { c.structure_factor->fluorescence = FluorescenceUse::none; });
    CHECK(no_lines.fluorescence == std::vector<double>{0, 0, 0});
    CHECK(no_lines.compton == all.compton);
    auto const transparent = with([](ReductionConfig& c) { c.sample.self_absorption = false; });
    CHECK(transparent.absorption == std::vector<double>{1, 1, 1});
    CHECK(transparent.f2_mean == all.f2_mean);
    auto const other_tables = with([](ReductionConfig& c) { c.structure_factor->form_factors = FormFactorTable::xraylib; });
    CHECK(other_tables.f2_mean != all.f2_mean);
    CHECK(other_tables.compton == all.compton);
    CHECK(other_tables.absorption == all.absorption);
    auto const wire = with([](ReductionConfig& c) { c.sample.shape = SampleShape::cylinder; });
    CHECK(wire.absorption[1] > all.absorption[1]); // of one thickness, a cylinder is thinner
    CHECK(wire.f2_mean == all.f2_mean);
}

TEST_CASE("above its edges the ribbon fluoresces about as much as it scatters: 12.5 b against 18 b on average at q 2.6") {
    auto config = ribbon();
    auto const forward = self_scattering({2.6}, {}, config);
    // per average atom and sr, leaving the ribbon forwards: times A(0) = T
    double const emitted = forward.fluorescence_forward * barn * std::exp(-*optical_thickness(config.sample, 13));
    CHECK(emitted == doctest::Approx(12.5).epsilon(0.01));
    CHECK(561.7 * barn * std::exp(-*optical_thickness(config.sample, 13)) == doctest::Approx(18.7).epsilon(0.01));
    config.threshold_keV = 9.0;
    CHECK(self_scattering({2.6}, {}, config).fluorescence_forward == 0);
}

TEST_CASE("fluorescence left in ruins the scale, subtracted it does not") {
    // A structureless alloy, S = 1, as the detector would see it with its threshold at half the energy.
    auto config = ribbon();
    config.structure_factor->q_max_invA = 6.9;
    Pattern1D p;
    for (double q = 0.5; q < 6.9; q += 0.01) p.q_invA.push_back(q);
    p.radial = p.q_invA;
    auto const self = self_scattering(p.q_invA, {}, config);
    for (std::size_t i = 0; i < p.q_invA.size(); ++i) {
        p.intensity.push_back(self.absorption[i] * (self.f2_mean[i] + self.compton[i] + self.fluorescence[i]));
    }
    p.sigma.assign(p.q_invA.size(), 1);
    std::vector<std::string> flags;
    double const subtracted = structure_factor(p, config, flags)->normalization.alpha;
    config.structure_factor->fluorescence = FluorescenceUse::none;
    double const left_in = structure_factor(p, config, flags)->normalization.alpha;
    // S = 1 everywhere misses the sum rule by 2 pi^2 rho0, 0.6 % of the integral here
    CHECK(subtracted == doctest::Approx(1).epsilon(0.01));
    CHECK(left_in == doctest::Approx(0.38).epsilon(0.1)); // 0.37 in the notes on this station, for an S(q) with a peak
}
