// Everything that is read off G(r) scatters under repeated counting as its sigma says: from counts through background, scale and cleaning.
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "tests/support/forward_model.hpp"
#include "tests/support/pulls.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

using namespace sqd;

namespace {

constexpr std::uint64_t seed = 20261126;

// Few and wide bins, so that thousands of reductions take seconds, and counts at which errors are of first order.
struct Scene {
    static constexpr double density_A3 = 0.0604923; // of 6.0 g/cm^3
    test::VirtualGlass glass{density_A3};
    std::vector<double> q = test::bin_centres(0.4, 14, 136), electrons, air;
    ReductionConfig config;

    Scene() {
        auto const model = test::hard_xray_model();
        auto const s = glass.s(q);
        for (std::size_t i = 0; i < q.size(); ++i) {
            std::vector<double> f0;
            for (auto [z, c] : model.atoms) f0.push_back(form_factor(z, q[i]));
            electrons.push_back(model(q[i], s[i], f0));
            air.push_back(150 + 600 * std::exp(-q[i]));
        }
        config.energy_keV = 68.5;
        config.threshold_keV = 20;
        config.sensor = Sensor{"CdTe", 1000};
        config.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
        config.sample.density_g_cm3 = 6.0;
        config.sample.thickness_um = 30;
        config.sample.transmission = 1;
        config.structure_factor = StructureFactorConfig{};
        config.structure_factor->q_min_invA = 0.4;
        config.structure_factor->q_max_invA = 14;
        config.pair_distribution = PairDistributionConfig{14, Window::lorch, 9, 0.05, 1.7, 0};
    }

    template <class Draw>
    Pattern1D pattern(std::vector<double> const& mean, double counts, Draw&& draw) const {
        Pattern1D p;
        p.radial = p.q_invA = q;
        p.pixels.assign(q.size(), 1);
        for (std::size_t i = 0; i < q.size(); ++i) {
            double const n = draw(counts * mean[i]);
            p.intensity.push_back(n / counts);
            p.sigma.push_back(std::sqrt(n) / counts);
        }
        return p;
    }
    template <class Draw>
    PairDistribution g(Draw&& draw) const {
        constexpr double counts = 64000, air_counts = 16000;
        auto mean = electrons;
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += air[i];
        auto const sample = pattern(mean, counts, draw), background = pattern(air, air_counts, draw);
        return *reduce_pattern(sample, &background, true, config).gr;
    }
};

} // namespace

TEST_CASE("place, height and neighbours of three shells and G at 20 radii: pulls of mean 0 and width 1, cleaned or not") {
    MESSAGE("seed ", seed);
    for (auto const& [what, method, iterations] : {std::tuple{std::string("as it is"), LowRMethod::eggert, 0},
                                                   {std::string("three steps of Eggert"), LowRMethod::eggert, 3},
                                                   {std::string("top hat"), LowRMethod::top_hat, 1}}) {
        Scene scene;
        auto& gr = *scene.config.pair_distribution;
        gr.low_r_method = method;
        gr.iterations = iterations;
        gr.top_hat_invA = method == LowRMethod::top_hat ? 1.8 : 0;
        auto const truth = scene.g([](double mean) { return mean; });
        REQUIRE(truth.shells.size() >= 3);
        std::mt19937_64 random(seed);
        std::map<std::string, test::Pulls> pulls;
        double in_background = 0;
        auto const put = [&](std::string const& name, Estimate const& found, Estimate const& expected) {
            pulls[name].add((found.value - expected.value) / found.sigma);
            in_background += found.background_sigma / found.sigma;
        };
        for (int k = 0; k < 1000; ++k) {
            auto const one = scene.g([&](double mean) { return static_cast<double>(std::poisson_distribution<long>(mean)(random)); });
            for (std::size_t n = 0; n < 3; ++n) {
                std::string const shell = "shell " + std::to_string(n + 1);
                Shell const& found = one.shells.at(n);
                put(shell + " r", found.r_A, truth.shells[n].r_A);
                put(shell + " height", found.height, truth.shells[n].height);
                put(shell + " N", found.coordination.value(), truth.shells[n].coordination.value());
            }
            put("A", one.shells[0].coordination_a.value(), truth.shells[0].coordination_a.value());
            put("B", one.shells[0].coordination_b.value(), truth.shells[0].coordination_b.value());
            for (std::size_t i = 0; i < 20; ++i) {
                std::size_t const at = 3 + 9 * i; // from 0.2 to 8.75 A
                pulls["G at " + std::to_string(one.r_A[at])].add((one.g[at] - truth.g[at]) / one.g_sigma[at]);
            }
        }
        double worst = 0, low = 9, high = 0;
        for (auto const& [name, each] : pulls) {
            auto const& this_what = what;
            CAPTURE(this_what);
            auto const& this_name = name;
            CAPTURE(this_name);
            CHECK(std::abs(each.mean()) < 0.15); // 1000 draws: 0.032 and 0.022 are one deviation of mean and width
            CHECK(each.deviation() > 0.9);
            CHECK(each.deviation() < 1.1);
            worst = std::max(worst, std::abs(each.mean()));
            low = std::min(low, each.deviation());
            high = std::max(high, each.deviation());
        }
        CHECK(in_background > 0);
        CHECK(pulls.size() == 31);
        MESSAGE(what, ": ", pulls.size(), " numbers, mean at most ", worst, ", deviation ", low, " to ", high, "; N of the first shell ",
                truth.shells[0].coordination->value);
    }
}
