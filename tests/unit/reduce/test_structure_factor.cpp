// S(q) from patterns whose S(q) is known: every correction is written out once more in tests/support/forward_model.hpp.
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/forward_model.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace sqd;
using test::ForwardModel;
using test::VirtualGlass;

namespace {

constexpr double scale = 0.021; // intensity units per electron unit

ReductionConfig config_at(double energy, Sensor const& sensor, double q_max) {
    ReductionConfig c;
    c.energy_keV = energy;
    c.threshold_keV = 6.5;
    c.sensor = sensor;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_min_invA = 0.3;
    c.structure_factor->q_max_invA = q_max;
    return c;
}

Pattern1D pattern_of(ForwardModel const& model, std::vector<double> const& q, std::vector<double> const& s) {
    Pattern1D p;
    p.radial = p.q_invA = q;
    for (std::size_t i = 0; i < q.size(); ++i) {
        std::vector<double> f0;
        for (auto [z, c] : model.atoms) f0.push_back(form_factor(z, q[i]));
        p.intensity.push_back(scale * model(q[i], s[i], f0));
        p.sigma.push_back(0.01 * p.intensity.back());
    }
    p.pixels.assign(q.size(), 1);
    return p;
}

bool has(std::vector<std::string> const& flags, char const* flag) {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

} // namespace

TEST_CASE("every correction of the 13 keV station undone gives S(q) back") {
    ForwardModel const model;
    VirtualGlass const glass;
    auto const q = test::bin_centres(0.3, 6.9, 440);
    auto const s = glass.s(q);
    std::vector<std::string> flags;
    auto const sq = structure_factor(pattern_of(model, q, s), config_at(13, {"Si", 450}, 6.9), flags);
    REQUIRE(sq);
    CHECK(flags == std::vector<std::string>{"multiple_scattering:2.6", flags.back()}); // 8.8 / cm times 30 um
    CHECK(flags.back().starts_with("kmn_uncertain:"));
    double const error = sq->normalization.alpha * scale - 1; // of the scale: what Q = 6.9 allows
    CHECK(std::abs(error) < 0.04);
    CHECK(sq->normalization.fluorescence > 0);
    for (std::size_t i = 0; i < q.size(); ++i) {
        // S - s is then proportional to the intensity: take the scale's error out, and nothing may be left (depth by 400 slices: 1e-6)
        double const unit = sq->errors.direct[i] * sq->errors.sigma[i] / 0.01;
        CHECK(sq->s[i] - s[i] == doctest::Approx(error / (1 + error) * unit).epsilon(1e-4).scale(1));
        CHECK(sq->f[i] == doctest::Approx(q[i] * (sq->s[i] - 1)));
    }
}

TEST_CASE("behind a window fluorescence and recoiled photons are weaker than the beam's, and S(q) is the same") {
    ForwardModel model;
    model.window_density = 2.7;
    model.window_cm = 100e-4;
    auto config = config_at(13, {"Si", 450}, 6.9);
    auto const q = test::bin_centres(0.3, 6.9, 440);
    auto const s = VirtualGlass{}.s(q);
    std::vector<std::string> flags;
    auto const largest_error = [&] {
        auto const sq = structure_factor(pattern_of(model, q, s), config, flags);
        REQUIRE(sq);
        double const error = sq->normalization.alpha * scale - 1;
        double worst = 0;
        for (std::size_t i = 0; i < q.size(); ++i)
            worst = std::max(worst, std::abs(sq->s[i] - s[i] - error / (1 + error) * sq->errors.direct[i] * sq->errors.sigma[i] / 0.01));
        return worst;
    };
    CHECK(largest_error() > 0.1); // 25 % of the copper's line passes, and 71 % of the beam
    config.absorber = Absorber{parse_composition("Al"), 2.7, 100, false};
    CHECK(largest_error() < 2e-4);
}

TEST_CASE("at 68.5 keV up to Q = 30 the scale and S(q) come back without help") {
    auto const model = test::hard_xray_model();
    VirtualGlass glass;
    glass.density_A3 = 0.0604923;
    auto const q = test::bin_centres(0.3, 30, 1485);
    auto const s = glass.s(q);
    auto config = config_at(68.5, {"CdTe", 1000}, 30);
    config.threshold_keV = 20;
    std::vector<std::string> flags;
    auto const sq = structure_factor(pattern_of(model, q, s), config, flags);
    REQUIRE(sq);
    CHECK(sq->normalization.alpha * scale == doctest::Approx(1).epsilon(1e-3));
    CHECK(sq->normalization.alpha_high_q * scale == doctest::Approx(1).epsilon(1e-3));
    CHECK(sq->normalization.fluorescence == 0);
    for (std::size_t i = 0; i < q.size(); ++i) CHECK(std::abs(sq->s[i] - s[i]) < 2e-3);
}

TEST_CASE("the printed form is the Faber-Ziman one plus the Laue term") {
    ForwardModel const model;
    auto const q = test::bin_centres(0.3, 6.9, 220);
    auto const pattern = pattern_of(model, q, VirtualGlass{}.s(q));
    auto config = config_at(13, {"Si", 450}, 6.9);
    std::vector<std::string> flags;
    auto const fz = structure_factor(pattern, config, flags);
    config.structure_factor->laue = LaueForm::none;
    auto const printed = structure_factor(pattern, config, flags);
    auto const f = form_factor_averages(config.sample.composition, q, 13.0);
    CHECK(fz->form == "faber_ziman");
    CHECK(printed->form == "laue_none");
    for (std::size_t i = 0; i < q.size(); ++i) {
        CHECK(printed->s[i] - fz->s[i] == doctest::Approx((f.f2_mean[i] - f.f_mean2[i]) / f.f_mean2[i]).epsilon(1e-10));
    }
}

TEST_CASE("the form of Ashcroft and Langreth is the coherent intensity over <f^2>") {
    ForwardModel const model;
    auto const q = test::bin_centres(0.3, 6.9, 220);
    auto const pattern = pattern_of(model, q, VirtualGlass{}.s(q));
    auto config = config_at(13, {"Si", 450}, 6.9);
    std::vector<std::string> flags;
    auto const fz = structure_factor(pattern, config, flags);
    config.structure_factor->laue = LaueForm::ashcroft_langreth;
    auto const al = structure_factor(pattern, config, flags);
    auto const f = form_factor_averages(config.sample.composition, q, 13.0);
    CHECK(al->form == "ashcroft_langreth");
    for (std::size_t i = 0; i < q.size(); ++i) {
        double const ratio = f.f_mean2[i] / f.f2_mean[i];
        CHECK(al->s[i] == doctest::Approx(1 + ratio * (fz->s[i] - 1)).epsilon(1e-10));
        CHECK(al->s_sigma[i] == doctest::Approx(ratio * fz->s_sigma[i]).epsilon(1e-10));
    }
}

TEST_CASE("unpolarised terms follow the bins' own mean polarisation") {
    auto const config = config_at(13, {"Si", 450}, 6.9);
    std::vector<double> const q{2.0, 5.0};
    auto const ring = self_scattering(q, {}, config), weak = self_scattering(q, {0.5, 0.5}, config);
    double const angle = 2 * std::asin(5.0 * 12.398419843 / 13 / (4 * std::numbers::pi));
    CHECK(weak.fluorescence[1] / ring.fluorescence[1] == doctest::Approx((1 + std::pow(std::cos(angle), 2)) / 2 / 0.5).epsilon(1e-9));
    CHECK(weak.compton[1] > ring.compton[1]);
    CHECK(weak.absorption == ring.absorption);
}

TEST_CASE("where tables have the fluorescence wrong, its fitted amplitude brings scale and S(q) nearer to the truth") {
    ForwardModel const model;
    auto const q = test::bin_centres(0.3, 6.9, 440);
    auto const s = VirtualGlass{}.s(q);
    auto const pattern = pattern_of(model, q, s);
    std::vector<std::string> flags;
    for (double const truth : {0.8, 1.25}) {
        auto config = config_at(13, {"Si", 450}, 6.9);
        config.structure_factor->fluorescence_factor = 1 / truth; // tables that say too much or too little
        auto const by_tables = structure_factor(pattern, config, flags);
        config.structure_factor->fluorescence = FluorescenceUse::fitted;
        auto const fitted = structure_factor(pattern, config, flags);
        REQUIRE(by_tables);
        REQUIRE(fitted);
        auto const rms = [&](StructureFactor const& sq) {
            double sum = 0;
            for (std::size_t i = 0; i < q.size(); ++i) sum += std::pow(sq.s[i] - s[i], 2);
            return std::sqrt(sum / static_cast<double>(q.size()));
        };
        auto const& n = fitted->normalization;
        MESSAGE("true " << truth << ": amplitude " << n.fluorescence_amplitude << " +- " << n.fluorescence_amplitude_sigma << ", alpha "
                        << n.alpha * scale << ", by the tables " << by_tables->normalization.alpha * scale << "; rms of S " << rms(*fitted)
                        << ", " << rms(*by_tables));
        CHECK(std::abs(n.alpha * scale - 1) < 0.75 * std::abs(by_tables->normalization.alpha * scale - 1));
        CHECK(std::abs(n.fluorescence_amplitude - truth) < 2 * n.fluorescence_amplitude_sigma);
        CHECK(rms(*fitted) < 0.8 * rms(*by_tables));
        CHECK(by_tables->normalization.fluorescence_amplitude_sigma == 0.3);
    }
}

TEST_CASE("by every option S(q) knows what a change of one bin does to it") {
    ForwardModel const model;
    auto const q = test::bin_centres(0.3, 6.9, 220);
    auto const pattern = pattern_of(model, q, VirtualGlass{}.s(q));
    std::vector<StructureFactorConfig> options(4);
    options[0].fluorescence = FluorescenceUse::fitted;
    options[1].normalization = {NormalizationMethod::high_q, true};
    options[2].normalization.method = NormalizationMethod::low_r;
    options[2].fluorescence = FluorescenceUse::fitted;
    options[3].laue = LaueForm::ashcroft_langreth;
    options[3].normalization.low_q = LowQ::linear;
    for (auto const& option : options) {
        auto config = config_at(13, {"Si", 450}, 6.9);
        config.structure_factor = option;
        config.structure_factor->q_min_invA = 0.3;
        config.structure_factor->q_max_invA = 6.9;
        config.pair_distribution = PairDistributionConfig{};
        config.pair_distribution->low_r_cut_A = 1.9;
        std::vector<std::string> flags;
        auto const sq = structure_factor(pattern, config, flags);
        REQUIRE(sq);
        for (std::size_t const bin : {2u, 90u, 200u}) {
            auto up = pattern, down = pattern;
            double const step = 1e-4 * pattern.intensity[bin];
            up.intensity[bin] += step;
            down.intensity[bin] -= step;
            auto const high = structure_factor(up, config, flags), low = structure_factor(down, config, flags);
            for (std::size_t const point : {0u, 90u, 219u}) {
                std::vector<double> unit(q.size(), 0.0);
                unit[point] = 1;
                CAPTURE(sq->normalization.method);
                CAPTURE(sq->form);
                CAPTURE(bin);
                CAPTURE(point);
                double const change = (high->s[point] - low->s[point]) / (2 * step);
                CHECK(sensitivity(sq->errors, unit)[bin] == doctest::Approx(change).epsilon(1e-4).scale(1e-6));
            }
        }
    }
}

TEST_CASE("fluorescence counts only above the threshold, and an unknown threshold is said where it matters") {
    auto config = config_at(13, {"Si", 450}, 6.9);
    std::vector<double> const q{2.6};
    double const both = self_scattering(q, {}, config).fluorescence[0];
    config.threshold_keV = 8.0; // Ni K alpha 7.48 below, Cu K alpha 8.03 above
    double const copper = self_scattering(q, {}, config).fluorescence[0];
    config.threshold_keV = 9.0;
    CHECK(both > copper);
    CHECK(copper > 0);
    CHECK(self_scattering(q, {}, config).fluorescence[0] == 0);
    config.threshold_keV.reset();
    auto const unknown = self_scattering(q, {}, config);
    CHECK(unknown.fluorescence[0] == 0);
    CHECK(unknown.threshold_unknown);
    config.energy_keV = 68.5;
    CHECK_FALSE(self_scattering(q, {}, config).threshold_unknown);
}

TEST_CASE("corrections that are switched off are off") {
    auto config = config_at(13, {"Si", 450}, 6.9);
    config.structure_factor->compton = config.structure_factor->anomalous = false;
    config.structure_factor->fluorescence = FluorescenceUse::none;
    config.sample.self_absorption = false;
    std::vector<double> const q{0.5, 2.6};
    auto const self = self_scattering(q, {}, config);
    auto const f = form_factor_averages(config.sample.composition, q, std::nullopt);
    CHECK(self.compton == std::vector<double>{0, 0});
    CHECK(self.fluorescence == std::vector<double>{0, 0});
    CHECK(self.absorption == std::vector<double>{1, 1});
    CHECK(self.f2_mean == f.f2_mean);
}

TEST_CASE("bins without a value are left out, and what cannot be done is a flag") {
    ForwardModel const model;
    auto const q = test::bin_centres(0.3, 6.9, 220);
    auto pattern = pattern_of(model, q, VirtualGlass{}.s(q));
    auto config = config_at(13, {"Si", 450}, 6.9);
    pattern.intensity[50] = std::nan("");
    std::vector<std::string> flags;
    auto const sq = structure_factor(pattern, config, flags);
    REQUIRE(sq);
    CHECK(sq->q_invA.size() == 219);
    for (double const s : sq->s) CHECK(std::isfinite(s));

    config.sample.density_g_cm3.reset();
    CHECK_FALSE(structure_factor(pattern, config, flags));
    CHECK(has(flags, "no_density"));
    config = config_at(13, {"Si", 450}, 0.35);
    CHECK_FALSE(structure_factor(pattern, config, flags));
    CHECK(has(flags, "empty_range:structure_factor"));
    config = config_at(13, {"Si", 450}, 6.9);
    config.sample.composition = {};
    CHECK_FALSE(structure_factor(pattern, config, flags));
    CHECK(has(flags, "no_composition"));
    for (auto& i : pattern.intensity) i = -i;
    CHECK_FALSE(structure_factor(pattern, config_at(13, {"Si", 450}, 6.9), flags));
    CHECK(has(flags, "normalization_failed"));
}

TEST_CASE("a plate is looked through: bins beyond 90 degrees are left out") {
    auto config = config_at(8, {"Si", 450}, 20);
    config.threshold_keV = 8;
    auto const q = test::bin_centres(0.5, 8.0, 300);
    Pattern1D p;
    p.q_invA = p.radial = q;
    p.intensity.assign(q.size(), 100);
    p.sigma.assign(q.size(), 1);
    std::vector<std::string> flags;
    auto const sq = structure_factor(p, config, flags);
    REQUIRE(sq);
    CHECK(sq->q_invA.back() < 4 * std::numbers::pi * std::sqrt(0.5) * 8 / 12.398419843);
    for (double const s : sq->s) CHECK(std::isfinite(s));
}
