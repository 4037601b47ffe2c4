// A real metallic glass: Ce70Al10Ni10Cu10 under pressure, as published with Amorpheus (S(q), G(r), peak positions of that program).
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/fsdp.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

using namespace sqd;
using test::read_columns;

namespace {

constexpr double density_A3 = 0.03468;
constexpr double mean_mass = 113.004; // g/mol of Ce70Al10Ni10Cu10: turns the number density into the mass density of the recipe

Pattern1D pattern_of(std::vector<std::vector<double>> const& columns) {
    Pattern1D p;
    p.radial = p.q_invA = columns[0];
    p.intensity = columns[1];
    p.sigma.assign(columns[0].size(), std::nan(""));
    p.pixels.assign(columns[0].size(), 1);
    return p;
}

// The recording has no sigma, no absorption to correct (in the reference) and no wavelength; 100 keV makes recoil a matter of 1e-4.
ReductionConfig recipe() {
    ReductionConfig c;
    c.energy_keV = 100;
    c.sample.composition = parse_composition("Ce70Al10Ni10Cu10");
    c.sample.density_g_cm3 = density_A3 / 0.602214076 * mean_mass;
    c.sample.transmission = 1.0;
    c.background.scale = 0.927;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->anomalous = false;
    c.structure_factor->q_min_invA = 1.5;
    c.structure_factor->q_max_invA = 7.8;
    return c;
}

} // namespace

TEST_CASE("the scale of the glass is that of the reference where the inputs are the reference's") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Ce_metallic_glass");
    auto const table = read_columns(folder / "ref_Ce_Q.txt"); // q, I, I_bkg, I_sub, <f^2>, <f>^2, Compton
    REQUIRE(table.size() == 7);
    // Their integrals begin at 1.5 1/A: two points of nothing before the data silence the part below.
    ScaledData data{{0, 1.5 - 1e-9}, {0, 0}, {0, 0}};
    for (std::size_t i = 0; i < table[0].size(); ++i) {
        data.q_invA.push_back(table[0][i]);
        data.y.push_back(table[3][i] / table[5][i]);
        data.t.push_back((table[4][i] + table[6][i]) / table[5][i]);
    }
    auto const n = normalize(data, density_A3);
    REQUIRE(n);
    CHECK(n->normalization.alpha == doctest::Approx(0.273297704).epsilon(1e-7)); // with the density in the right unit
    CHECK(normalize(data, density_A3 / 10)->normalization.alpha == doctest::Approx(0.274217169).epsilon(1e-7)); // with their slip
}

TEST_CASE("from the recorded pattern to S(q): scale, first sharp peak and first shell of the glass") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Ce_metallic_glass");
    auto const sample = pattern_of(read_columns(folder / "Cerium.dat")), air = pattern_of(read_columns(folder / "background.xy"));
    auto config = recipe();
    config.pair_distribution = PairDistributionConfig{7.8, Window::none, 10, 0.01, 2.2, 4};
    struct Expected {
        double half_window, q1, tolerance;
    };
    // q1: 2.2493 and 2.2516 by lmfit on the reference's S(q) (fsdp_fit_study.txt, S_iter0 splitpv lin)
    for (auto const& [half, q1, tolerance] : {Expected{0.45, 2.2493, 0.001}, Expected{0.30, 2.2516, 0.0015}}) {
        config.fsdp = FsdpConfig{false, 2.2538 - half, 2.2538 + half, PeakEstimator::split_pseudo_voigt};
        auto const curves = reduce_pattern(sample, &air, true, config);
        REQUIRE(curves.flags.size() == 1);
        CHECK(curves.flags.front().starts_with("kmn_uncertain:")); // 7.8 1/A
        REQUIRE(curves.fsdp);
        CHECK(curves.fsdp->q1 == doctest::Approx(q1).scale(1).epsilon(tolerance / 2));
        CHECK(std::isnan(curves.fsdp->q1_sigma)); // the recording has no sigma

        // 1.1 % above 0.2733 by the form factors (Waasmaier-Kirfel, not Hubbell), 0.6 % by the part below 1.5 1/A, which the reference
        // omits
        CHECK(curves.sq->normalization.alpha == doctest::Approx(0.2733 * 1.011 * 1.006).epsilon(0.002));
        REQUIRE_FALSE(curves.gr->shells.empty());
        CHECK(curves.gr->iterations == 4);
    }
}

TEST_CASE("with the reference's options the recipe gives its scale, its S(q), its density and background") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Ce_metallic_glass");
    auto const sample = pattern_of(read_columns(folder / "Cerium.dat")), air = pattern_of(read_columns(folder / "background.xy"));
    auto const reference = read_columns(folder / "ref_Ce_S.txt");
    auto config = recipe();
    config.structure_factor->normalization.low_q = LowQ::none;
    config.structure_factor->form_factors = FormFactorTable::xraylib;
    config.structure_factor->recoil = false;
    auto const sq = reduce_pattern(sample, &air, true, config).sq;
    REQUIRE(sq);
    CHECK(sq->normalization.alpha == doctest::Approx(0.27330).epsilon(2e-4));
    double worst = 0;
    for (std::size_t i = 0; i < reference[0].size(); ++i) { // their scale is 0.34 % higher by a slip of units
        auto const at = std::lower_bound(sq->q_invA.begin(), sq->q_invA.end(), reference[0][i]) - sq->q_invA.begin();
        auto const k = static_cast<std::size_t>(at);
        if (at <= 0 || k >= sq->q_invA.size()) continue;
        double const part = (reference[0][i] - sq->q_invA[k - 1]) / (sq->q_invA[k] - sq->q_invA[k - 1]);
        worst = std::max(worst, std::abs(sq->s[k - 1] + part * (sq->s[k] - sq->s[k - 1]) - reference[1][i]));
    }
    MESSAGE("alpha " << sq->normalization.alpha << ", S differs by " << worst << " at most");
    CHECK(worst < 0.02);

    // Amorpheus: 34.68 atoms/nm^3, background 0.928, with S constant below the data and 4 iterations
    config.structure_factor->normalization.low_q = LowQ::constant;
    config.pair_distribution = PairDistributionConfig{7.8, Window::none, 10, 0.01, 2.2, 4};
    config.pair_distribution->refine = Refine::both;
    auto const curves = reduce_pattern(sample, &air, true, config);
    REQUIRE(curves.refinement);
    auto const& found = *curves.refinement;
    MESSAGE("density " << found.density_A3->value << " 1/A^3, background " << found.background_scale->value << ", misfit "
                       << found.misfit_before << " -> " << found.misfit << ' ' << found.refused);
    CHECK(found.refused.empty());
    CHECK(found.density_A3->value > 0.0346);
    CHECK(found.density_A3->value < 0.0348);
    CHECK(found.background_scale->value > 0.92);
    CHECK(found.background_scale->value < 0.94);
}

TEST_CASE("the peak of the reference's own S(q) is where lmfit finds it") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Ce_metallic_glass");
    auto const s = read_columns(folder / "ref_Ce_S.txt");
    auto config = recipe();
    struct Expected {
        PeakEstimator model;
        double half_window, q1, fwhm;
    };
    for (auto const& e :
         {Expected{PeakEstimator::split_pseudo_voigt, 0.45, 2.24926, 0.3763},
          Expected{PeakEstimator::split_pseudo_voigt, 0.30, 2.25155, 0.3606}, Expected{PeakEstimator::pseudo_voigt, 0.45, 2.25433, 0.3760},
          Expected{PeakEstimator::pseudo_voigt, 0.30, 2.25058, 0.3874}}) {
        config.fsdp = FsdpConfig{false, 2.2538 - e.half_window, 2.2538 + e.half_window, e.model};
        std::vector<std::size_t> all(s[0].size());
        std::iota(all.begin(), all.end(), 0u);
        auto const outcome = fit_fsdp({s[0], s[1], pattern_errors({}, {}, {}, all), "sq"}, config);
        REQUIRE(outcome.peak);
        CHECK(outcome.peak->q1 == doctest::Approx(e.q1).scale(1).epsilon(1e-4)); // the study's window begins at another point
        CHECK(outcome.peak->fwhm == doctest::Approx(e.fwhm).epsilon(0.001));
        CHECK(outcome.peak->q1_parabola == doctest::Approx(2.25496).epsilon(3e-4));
    }
}

TEST_CASE("S(q) and G(r) of the reference come out of the cleaning, iteration by iteration") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/Ce_metallic_glass");
    auto const s = read_columns(folder / "ref_Ce_S.txt"), g = read_columns(folder / "ref_Ce_r.txt");
    REQUIRE(s.size() == 6);
    REQUIRE(g.size() == 11);
    StructureFactor sq;
    for (std::size_t i = 1; i < s[0].size(); ++i) { // from the first point above 0 on
        sq.q_invA.push_back(s[0][i]);
        sq.s.push_back(s[1][i]);
        sq.s_sigma.push_back(0.01);
    }
    sq.normalization.density_A3 = density_A3;
    PairDistributionConfig config{7.9, Window::none, 10, 10.0 / 1800, 2.2, 0};
    double first_shell = 0;
    for (int iterations = 0; iterations <= 4; ++iterations) {
        config.iterations = iterations;
        auto const gr = pair_distribution(sq, config);
        auto const column = static_cast<std::size_t>(1 + iterations);
        double worst = 0;
        for (std::size_t i = 1; i < g[0].size(); ++i) {
            auto const k = static_cast<std::size_t>(std::lround(g[0][i] / config.r_step_A)) - 1;
            if (k < gr.g.size() && std::abs(gr.r_A[k] - g[0][i]) < 1e-6) worst = std::max(worst, std::abs(gr.g[k] - g[column][i]));
        }
        CAPTURE(iterations);
        CHECK(worst < (iterations == 0 ? 1e-8 : 5e-4)); // of 2.4; their low-r integral begins at 0.005 A and has other points
        first_shell = gr.shells.at(0).r_A.value;
    }
    auto const top = std::max_element(g[5].begin() + 400, g[5].begin() + 1000) - g[5].begin();
    CHECK(first_shell == doctest::Approx(g[0][static_cast<std::size_t>(top)]).scale(1).epsilon(0.03 / 4.6)); // within 0.03 A
}
