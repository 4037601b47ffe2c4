// Density and background by low r: found from wrong beginnings, with honest errors, and refused where the data cannot bear it.
#include "pipeline/reduce/low_r_refinement.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "pipeline/reduce/self_scattering.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

using namespace sqd;

namespace {

constexpr double true_scale = 0.8;

ReductionConfig recipe() {
    ReductionConfig c;
    c.energy_keV = 68.5;
    c.threshold_keV = 20;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.transmission = 1;
    c.sample.self_absorption = false;
    c.background.scale = true_scale;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_min_invA = 0.3;
    c.structure_factor->q_max_invA = 28;
    c.pair_distribution = PairDistributionConfig{28, Window::none, 4, 0.05, 1.9, 2};
    c.pair_distribution->refine = Refine::both;
    return c;
}

struct Scans {
    Pattern1D sample, air;
};

// The virtual glass at alpha = 1 on top of an air whose shape is not its own.
Scans scans(std::size_t bins) {
    auto const config = recipe();
    auto const q = test::bin_centres(0.3, 28, bins);
    auto const s = test::VirtualGlass{}.s(q);
    auto const self = self_scattering(q, {}, config);
    Scans out;
    out.air.radial = out.air.q_invA = out.sample.radial = out.sample.q_invA = q;
    for (std::size_t i = 0; i < q.size(); ++i) {
        out.air.intensity.push_back(300 * std::exp(-q[i] / 1.5) + 5);
        out.air.sigma.push_back(1e-3 * out.air.intensity[i]);
        out.sample.intensity.push_back(self.f2_mean[i] + self.compton[i] + self.f_mean2[i] * (s[i] - 1) +
                                       true_scale * out.air.intensity[i]);
        out.sample.sigma.push_back(1e-3 * out.sample.intensity[i]);
    }
    out.sample.pixels.assign(q.size(), 1);
    out.air.pixels.assign(q.size(), 1);
    return out;
}

double density_of(ReductionConfig const& config) {
    return number_density_A3(config.sample.composition, *config.sample.density_g_cm3);
}

} // namespace

TEST_CASE("from a density 8 % and a background 5 % off both come back, and the curves are those of the right ones") {
    auto const data = scans(1385);
    auto config = recipe();
    auto const right = reduce_pattern(data.sample, &data.air, true, config);
    double const truth = density_of(config);
    config.sample.density_g_cm3 = 1.08 * 6.0;
    config.background.scale = 0.95 * true_scale;
    auto const curves = reduce_pattern(data.sample, &data.air, true, config);
    REQUIRE(curves.refinement);
    auto const& found = *curves.refinement;
    CHECK(found.refused.empty());
    MESSAGE("density " << found.density_A3->value / truth << " +- " << found.density_A3->sigma / truth << " of the truth, background "
                       << found.background_scale->value << " +- " << found.background_scale->sigma << ", misfit " << found.misfit_before
                       << " -> " << found.misfit);
    CHECK(found.density_A3->value == doctest::Approx(right.refinement->density_A3->value).epsilon(1e-3)); // whatever it begins at
    CHECK(found.density_A3->value == doctest::Approx(truth).epsilon(1e-3));
    CHECK(found.background_scale->value == doctest::Approx(true_scale).epsilon(1e-3));
    CHECK(found.misfit < 0.5 * found.misfit_before);
    CHECK(curves.background_scale == doctest::Approx(found.background_scale->value).epsilon(1e-12));
    CHECK(curves.sq->normalization.density_A3 == doctest::Approx(found.density_A3->value).epsilon(1e-12));
    for (std::size_t i = 0; i < curves.gr->g.size(); ++i) CHECK(curves.gr->g[i] == doctest::Approx(right.gr->g[i]).scale(1).epsilon(2e-3));
}

TEST_CASE("one of the two is refined alone, and nothing where it is not asked for") {
    auto const data = scans(554);
    auto config = recipe();
    config.background.scale = 0.95 * true_scale;
    config.pair_distribution->refine = Refine::background;
    auto const background = reduce_pattern(data.sample, &data.air, true, config).refinement;
    CHECK(background->background_scale->value == doctest::Approx(true_scale).epsilon(0.01));
    CHECK_FALSE(background->density_A3);
    config.pair_distribution->refine = Refine::density;
    CHECK_FALSE(reduce_pattern(data.sample, &data.air, true, config).refinement->background_scale);
    config.pair_distribution->refine = Refine::none;
    CHECK_FALSE(reduce_pattern(data.sample, &data.air, true, config).refinement);
}

TEST_CASE("what the data cannot bear is refused, said, and not used") {
    auto const data = scans(554);
    auto const refused = [&](ReductionConfig const& config, Pattern1D const& sample, Pattern1D const* air, char const* why) {
        auto const curves = reduce_pattern(sample, air, air != nullptr, config);
        REQUIRE(curves.refinement);
        CHECK(curves.refinement->refused == why);
        CHECK(std::count(curves.flags.begin(), curves.flags.end(), std::string("refine_refused:") + why) == 1);
        CHECK(curves.sq->normalization.density_A3 == doctest::Approx(density_of(config)));
    };
    refused(recipe(), data.sample, nullptr, "no_background");
    auto config = recipe();
    config.background.scale = 0.4 * true_scale;
    refused(config, data.sample, &data.air, "at_bound");
    auto noisy = data.sample;
    for (double& sigma : noisy.sigma) sigma *= 300;
    refused(recipe(), noisy, &data.air, "density_uncertain");
}

TEST_CASE("density and background scatter under repeated counting as their errors say, the background's part as well") {
    constexpr unsigned seed = 20261126;
    constexpr int draws = 150;
    MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    auto const data = scans(300);
    auto config = recipe();
    config.pair_distribution->r_step_A = 0.1;
    auto const first = *reduce_pattern(data.sample, &data.air, true, config).refinement;
    for (bool const air_too : {true, false}) {
        double density = 0, scale = 0;
        for (int i = 0; i < draws; ++i) {
            auto drawn = data;
            for (std::size_t b = 0; b < drawn.sample.sigma.size(); ++b) {
                if (air_too) drawn.sample.intensity[b] += drawn.sample.sigma[b] * normal(random);
                drawn.air.intensity[b] += drawn.air.sigma[b] * normal(random);
            }
            auto const found = *reduce_pattern(drawn.sample, &drawn.air, true, config).refinement;
            auto const pull = [&](Estimate const& value, Estimate const& truth) {
                return std::pow((value.value - truth.value) / (air_too ? truth.sigma : truth.background_sigma), 2);
            };
            density += pull(*found.density_A3, *first.density_A3) / draws;
            scale += pull(*found.background_scale, *first.background_scale) / draws;
        }
        MESSAGE(std::string(air_too ? "all: " : "background: ")
                << "rms pull of the density " << std::sqrt(density) << ", of the background's scale " << std::sqrt(scale));
        constexpr double three_sigma = 0.2; // 150 draws: sigma of the rms 0.058, 3.3 of it
        CHECK(std::abs(std::sqrt(density) - 1) < three_sigma);
        CHECK(std::abs(std::sqrt(scale) - 1) < three_sigma);
    }
}
