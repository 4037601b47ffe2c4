// Shells: places, limits and numbers of neighbours against the glass they come from.
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/real_space_forms.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace sqd;
using std::numbers::pi;

namespace {

StructureFactor glass_to_30() {
    test::VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.1, 30, 1495);
    sq.s = glass.s(sq.q_invA);
    sq.s_sigma.assign(sq.s.size(), 0.002);
    sq.normalization.density_A3 = glass.density_A3;
    return sq;
}

PairDistributionConfig const recipe{30, Window::none, 12, 0.01, 1.9, 0};

double rdf(double r) {
    test::VirtualGlass const glass;
    return r * glass.g(r) + 4 * pi * glass.density_A3 * r * r;
}

// Of the true RDF over r^power.
template <class Better>
double extremum(double low, double high, int power, Better const& better) {
    double best = low;
    for (double r = low; r < high; r += 1e-4)
        if (better(rdf(r) / std::pow(r, power), rdf(best) / std::pow(best, power))) best = r;
    return best;
}

double atoms(double low, double high) {
    constexpr int steps = 4000;
    double const dr = (high - low) / steps;
    double sum = 0;
    for (int i = 0; i < steps; ++i) sum += dr * rdf(low + dr * (i + 0.5));
    return sum;
}

} // namespace

TEST_CASE("limits are minima of the RDF, and the atoms between them are those of the glass") {
    auto const gr = pair_distribution(glass_to_30(), recipe);
    REQUIRE(gr.shells.size() == 4);
    double before = gr.shells[0].r_low_A;
    CHECK(before == 1.9); // the glass has no atoms there: its RDF is flat, and the cut says so
    for (std::size_t n = 0; n < 3; ++n) {
        Shell const& shell = gr.shells[n];
        CAPTURE(n);
        CHECK(shell.r_low_A == before);
        double const low = shell.r_A.value + 0.5, high = gr.shells[n + 1].r_A.value;
        CHECK(shell.r_high_A == doctest::Approx(extremum(low, high, 0, std::less<>())).epsilon(1e-3));
        CHECK(shell.coordination->value == doctest::Approx(atoms(shell.r_low_A, shell.r_high_A)).epsilon(2e-3));
        CHECK(shell.height.value == doctest::Approx(test::VirtualGlass{}.g(shell.r_A.value)).epsilon(5e-3));
        before = shell.r_high_A;
    }
}

TEST_CASE("methods A and B count twice to the maxima of r g and r^2 g, and A < B < C") {
    auto const gr = pair_distribution(glass_to_30(), recipe);
    Shell const& first = gr.shells.at(0);
    double const low = first.r_low_A, high = first.r_high_A;
    double const a = 2 * atoms(low, extremum(low, high, 1, std::greater<>())), b = 2 * atoms(low, extremum(low, high, 0, std::greater<>()));
    CHECK(first.coordination_a->value == doctest::Approx(a).epsilon(5e-3));
    CHECK(first.coordination_b->value == doctest::Approx(b).epsilon(5e-3));
    CHECK(a < b);
    CHECK(first.coordination_b->value < first.coordination->value);
    CHECK_FALSE(gr.shells.at(1).coordination_a);
}

TEST_CASE("where the density is not known nothing is counted, and there are no other forms of G") {
    auto sq = glass_to_30();
    sq.normalization.density_A3 = 0;
    auto const gr = pair_distribution(sq, recipe);
    REQUIRE_FALSE(gr.shells.empty());
    CHECK_FALSE(gr.shells[0].coordination);
    CHECK(std::isnan(gr.shells[0].r_high_A));
    CHECK(real_space_forms(gr).rdf.empty());
}

TEST_CASE("before the first shell the cut ends the atoms where there is no minimum") {
    auto config = recipe;
    config.low_r_cut_A = 2.5; // on the flank
    auto const gr = pair_distribution(glass_to_30(), config);
    CHECK(gr.shells.at(0).r_low_A == 2.5);
    CHECK(gr.shells.at(0).coordination->value == doctest::Approx(atoms(2.5, gr.shells[0].r_high_A)).epsilon(3e-3));
}

TEST_CASE("the other forms of G are what their formulas say, with errors") {
    auto const gr = pair_distribution(glass_to_30(), recipe);
    auto const forms = real_space_forms(gr);
    double const density = 4 * pi * gr.density_A3;
    for (std::size_t i = 0; i < gr.r_A.size(); i += 37) {
        double const r = gr.r_A[i];
        CHECK(density * r * (forms.pair[i] - 1) == doctest::Approx(gr.g[i]));
        CHECK(forms.rdf[i] == doctest::Approx(density * r * r * forms.pair[i]).scale(1));
        CHECK(forms.total[i] * r == doctest::Approx(forms.rdf[i]).scale(1));
        CHECK(forms.rdf_sigma[i] == doctest::Approx(density * r * r * forms.pair_sigma[i]));
        CHECK(forms.rdf_sigma[i] == doctest::Approx(r * gr.g_sigma[i]));
    }
}
