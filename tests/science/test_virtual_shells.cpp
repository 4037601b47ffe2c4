// A glass of known shells in front of the 68.5 keV station: from its counts to the density, the shells and their errors.
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "tests/support/forward_model.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace sqd;
using std::numbers::pi;

namespace {

constexpr double density_A3 = 0.0604923; // of 6.0 g/cm^3

ReductionConfig station() {
    ReductionConfig c;
    c.energy_keV = 68.5;
    c.distance_m = 0.145;
    c.threshold_keV = 20;
    c.sensor = Sensor{"CdTe", 1000};
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_min_invA = 0.3;
    c.structure_factor->q_max_invA = 28;
    c.pair_distribution = PairDistributionConfig{28, Window::lorch, 12, 0.01, 1.7, 0};
    return c;
}

struct Scene {
    test::VirtualGlass glass{density_A3};
    std::vector<double> q = test::bin_centres(0.3, 28, 1385), electrons; ///< intensity in electron units

    Scene() {
        auto const model = test::hard_xray_model();
        auto const s = glass.s(q);
        for (std::size_t i = 0; i < q.size(); ++i) {
            std::vector<double> f0;
            for (auto [z, c] : model.atoms) f0.push_back(form_factor(z, q[i]));
            electrons.push_back(model(q[i], s[i], f0));
        }
    }

    // `counts` per electron unit; rings grow with q, as on a detector.
    template <class Draw>
    Pattern1D pattern(double counts, Draw&& draw) const {
        Pattern1D p;
        p.radial = p.q_invA = q;
        p.pixels.assign(q.size(), 1);
        for (std::size_t i = 0; i < q.size(); ++i) {
            double const pixels = 1 + q[i], n = draw(counts * pixels * electrons[i]);
            p.intensity.push_back(n / pixels);
            p.sigma.push_back(std::sqrt(n) / pixels);
        }
        return p;
    }

    double top_near(double r) const {
        double best = r;
        for (double x = r - 0.5; x < r + 0.5; x += 1e-4) best = glass.g(x) > glass.g(best) ? x : best;
        return best;
    }
};

double exact(double mean) {
    return mean;
}

} // namespace

TEST_CASE("the shells and the density of the glass come back from its pattern, whatever the window") {
    Scene const scene;
    for (Window window : {Window::none, Window::lorch, Window::modified_lorch, Window::cosine}) {
        auto config = station();
        config.pair_distribution->window = window;
        auto const curves = reduce_pattern(scene.pattern(1, exact), nullptr, false, config);
        REQUIRE(curves.gr);
        auto const& gr = *curves.gr;
        REQUIRE(gr.shells.size() == 4);
        CHECK(gr.shells[0].r_A.value == doctest::Approx(scene.top_near(2.7)).epsilon(0.004)); // windows shift an asymmetric top a little
        for (std::size_t n = 1; n < 4; ++n) {
            double const expected = scene.top_near(gr.shells[0].r_A.value + static_cast<double>(n) * 2 * pi / 2.6);
            CHECK(gr.shells[n].r_A.value == doctest::Approx(expected).epsilon(0.001));
        }
        for (std::size_t i = 49; i < 150; i += 10) { // G = -4 pi rho0 r where no atoms meet: the scale is right
            CHECK(gr.g[i] == doctest::Approx(-4 * pi * density_A3 * gr.r_A[i]).scale(1).epsilon(0.03));
        }
    }
}

TEST_CASE("a background that is 2 per cent off spoils low r, and cleaning repairs it without moving the shells") {
    Scene const scene;
    auto config = station();
    auto pattern = scene.pattern(1, exact);
    for (std::size_t i = 0; i < scene.q.size(); ++i) pattern.intensity[i] += 0.02 * 700 * std::exp(-scene.q[i] / 2);
    auto const low_r = [](PairDistribution const& gr) {
        double sum = 0;
        for (std::size_t i = 0; gr.r_A[i] < 1.7; ++i) sum += std::pow(gr.g[i] + 4 * pi * density_A3 * gr.r_A[i], 2) * 0.01;
        return std::sqrt(sum);
    };
    auto const raw = *reduce_pattern(pattern, nullptr, false, config).gr;
    config.pair_distribution->iterations = 3;
    auto const cleaned_curves = reduce_pattern(pattern, nullptr, false, config);
    auto const& cleaned = *cleaned_curves.gr;
    CHECK(low_r(cleaned) < 0.5 * low_r(raw));
    CHECK(cleaned.shells[0].r_A.value == doctest::Approx(raw.shells[0].r_A.value).epsilon(0.003));
}

TEST_CASE("counting noise moves G(r) and its first shell by their sigma: pulls from counts") {
    Scene const scene;
    auto config = station();
    config.pair_distribution->r_max_A = 6;
    auto const truth = *reduce_pattern(scene.pattern(1600, exact), nullptr, false, config).gr;
    std::mt19937_64 random(4);
    auto const poisson = [&random](double mean) { return static_cast<double>(std::poisson_distribution<long>(mean)(random)); };
    constexpr int draws = 300;
    double shell_square = 0, g_square = 0, shell_sum = 0;
    int points = 0;
    for (int k = 0; k < draws; ++k) {
        auto const gr = *reduce_pattern(scene.pattern(1600, poisson), nullptr, false, config).gr;
        double const pull = (gr.shells.at(0).r_A.value - truth.shells.at(0).r_A.value) / gr.shells.at(0).r_A.sigma;
        shell_sum += pull;
        shell_square += pull * pull;
        for (std::size_t i = 200; i < 600; i += 20) {
            g_square += std::pow((gr.g[i] - truth.g[i]) / gr.g_sigma[i], 2);
            ++points;
        }
    }
    auto const faint = *reduce_pattern(scene.pattern(20, exact), nullptr, false, config).gr;
    CHECK(std::isnan(faint.shells.at(0).r_A.sigma)); // there noise shapes the top: no sigma rather than a wrong one
    // 3.3 sigma: 3.3 / sqrt(300) and 3.3 / sqrt(600); G at 20 places
    CHECK(std::abs(shell_sum / draws) < 0.19);
    CHECK(std::abs(std::sqrt(shell_square / draws) - 1) < 0.135);
    CHECK(std::abs(std::sqrt(g_square / points) - 1) < 0.04);
}
