// Mg2SiO4 glass against Glassure: scale, S(q) and F(r) before and after its optimisation.
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

using namespace sqd;
using test::read_columns;

namespace {

constexpr double density_A3 = 0.08689088, damping_A2 = 0.001;
constexpr double cut_A = 1.38; // they say 1.4, but their radii are arange(0, 1.4, 0.02), without the end

struct Source {
    char const* name;
    double scale; ///< Glassure's
};
constexpr Source sources[]{{"hajdu", 0.0148047576}, {"brown_hubbell", 0.0147514432}};

// Glassure 1.4.5 hands numpy's trapz its arguments in the wrong order, and so integrates q over f in place of f over q:
// int q df = [q f] - int f dq, which is why its scale is 2.3 % above the sum rule's.
double swapped_integral(std::vector<double> const& q, std::vector<double> const& f) {
    double sum = 0;
    for (std::size_t i = 1; i < q.size(); ++i) sum += (f[i] - f[i - 1]) * (q[i] + q[i - 1]) / 2;
    return sum;
}

double trapezoid(std::vector<double> const& q, std::vector<double> const& f) {
    double sum = 0;
    for (std::size_t i = 1; i < q.size(); ++i) sum += (q[i] - q[i - 1]) * (f[i] + f[i - 1]) / 2;
    return sum;
}

} // namespace

TEST_CASE("Glassure's density is ours") {
    // other atomic masses
    CHECK(number_density_A3(parse_composition("Mg2SiO4"), 2.9) == doctest::Approx(density_A3).epsilon(3e-4));
}

TEST_CASE("the damped sum rule on Glassure's own columns, and why its number is another one") {
    for (auto const& source : sources) {
        SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Mg2SiO4_glass");
        auto const table = read_columns(folder / ("ref_Mg2SiO4_" + std::string(source.name) + "_Q.txt")); // q, I, <f^2>, <f>^2, C, S
        REQUIRE(table.size() == 6);
        ScaledData data{table[0], {}, {}, {}};
        std::vector<double> y, t;
        for (std::size_t i = 0; i < table[0].size(); ++i) {
            data.y.push_back(table[1][i] / table[3][i]);
            data.t.push_back((table[2][i] + table[4][i]) / table[3][i]);
            double const q2 = table[0][i] * table[0][i], weight = q2 * std::exp(-damping_A2 * q2);
            y.push_back(weight * data.y[i]);
            t.push_back(weight * data.t[i]);
        }
        double const theirs =
            (swapped_integral(table[0], t) - 2 * std::numbers::pi * std::numbers::pi * density_A3) / swapped_integral(table[0], y);
        CHECK(theirs == doctest::Approx(source.scale).epsilon(1e-8));

        NormalizationConfig config;
        config.low_q = LowQ::none;
        config.kmn_damping_A2 = damping_A2;
        auto const n = normalize(data, density_A3, config)->normalization;
        double const right = (trapezoid(table[0], t) - 2 * std::numbers::pi * std::numbers::pi * density_A3) / trapezoid(table[0], y);
        CHECK(n.alpha == doctest::Approx(right).epsilon(1e-10));
        MESSAGE(std::string(source.name) << ": sum rule " << n.alpha << ", Glassure " << source.scale << ", high q " << n.alpha_high_q);

        // At their scale S is theirs.
        for (std::size_t i = 0; i < table[0].size(); ++i)
            CHECK(1 + source.scale * data.y[i] - data.t[i] == doctest::Approx(table[5][i]).scale(1).epsilon(1e-6));
    }
}

TEST_CASE("from the recorded pattern S(q) is Glassure's to half a per cent of the self scattering at one scale") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Mg2SiO4_glass");
    auto const file = read_columns(folder / "Mg2SiO4_ambient.xy"), air = read_columns(folder / "Mg2SiO4_ambient_bkg.xy");
    Pattern1D sample;
    sample.q_invA = sample.radial = file[0];
    for (std::size_t i = 0; i < file[0].size(); ++i) sample.intensity.push_back(file[1][i] - air[1][i]);
    sample.sigma.assign(file[0].size(), std::nan(""));
    ReductionConfig config;
    config.energy_keV = 12.398419843 / 0.1908; // its calibration: 0.1908 A
    config.sample.composition = parse_composition("Mg2SiO4");
    config.sample.density_g_cm3 = 2.9;
    config.sample.transmission = 1;
    config.structure_factor = StructureFactorConfig{};
    config.structure_factor->q_min_invA = 1.2;
    config.structure_factor->q_max_invA = 20;
    config.structure_factor->anomalous = config.structure_factor->recoil = false;
    config.structure_factor->normalization.low_q = LowQ::none;
    config.structure_factor->normalization.kmn_damping_A2 = damping_A2;
    auto const alpha = reduce_pattern(sample, nullptr, false, config).sq->normalization.alpha;
    for (auto const& source : sources) {
        auto const table = read_columns(folder / ("ref_Mg2SiO4_" + std::string(source.name) + "_Q.txt"));
        config.structure_factor->scale_factor = source.scale / alpha;
        auto const sq = *reduce_pattern(sample, nullptr, false, config).sq;
        REQUIRE(sq.s.size() == table[0].size());
        double worst = 0;
        for (std::size_t i = 0; i < sq.s.size(); ++i) {
            CHECK(sq.q_invA[i] == doctest::Approx(table[0][i]).epsilon(1e-9));
            double const self = (table[2][i] + table[4][i]) / table[3][i];
            worst = std::max(worst, std::abs(sq.s[i] - table[5][i]) / self);
        }
        CHECK(worst < 0.005); // Waasmaier-Kirfel and Hubbell against theirs
        MESSAGE(std::string(source.name) << ": S differs by " << 100 * worst << " % of (<f^2> + C) / <f>^2");
    }
}

TEST_CASE("Glassure's optimisation is our cleaning: S(q) and F(r) after it") {
    for (auto const& source : sources) {
        SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Mg2SiO4_glass");
        auto const s = read_columns(folder / ("ref_Mg2SiO4_" + std::string(source.name) + "_Qopt.txt")); // q, S, S after 5 steps
        auto const f = read_columns(folder / ("ref_Mg2SiO4_" + std::string(source.name) + "_r.txt"));    // r, F, ..., 6th: F after 5 steps
        StructureFactor sq;
        for (std::size_t i = 1; i < s[0].size(); ++i) { // from the first point above 0 on
            sq.q_invA.push_back(s[0][i]);
            sq.s.push_back(s[1][i]);
            sq.s_sigma.push_back(0.01);
        }
        sq.normalization.density_A3 = density_A3;
        auto const grid = transform_grid(sq, 20);
        auto const cleaned = clean_low_r(grid, density_A3, cut_A, 5, 0.02);
        double worst_s = 0, worst_f = 0, highest = 0;
        for (std::size_t i = 0; i < sq.q_invA.size(); ++i)
            worst_s = std::max(worst_s, std::abs(cleaned[grid.first_datum + i] - s[2][i + 1]));
        auto const gr = pair_distribution(sq, {20, Window::none, 10, 0.02, cut_A, 5});
        for (std::size_t i = 0; i < f[0].size(); ++i) {
            auto const k = static_cast<std::size_t>(std::lround(f[0][i] / 0.02));
            if (k < 1 || k > gr.g.size() || std::abs(gr.r_A[k - 1] - f[0][i]) > 1e-6) continue;
            worst_f = std::max(worst_f, std::abs(gr.g[k - 1] - f[5][i]));
            highest = std::max(highest, std::abs(f[5][i]));
        }
        MESSAGE(std::string(source.name) << ": S differs by " << worst_s << ", F by " << worst_f << " of " << highest);
        CHECK(worst_s < 2e-4);
        CHECK(worst_f < 2e-3 * highest);
    }
}
