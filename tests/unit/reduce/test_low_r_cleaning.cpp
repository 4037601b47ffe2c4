// Low-r cleaning: leaves a right S(q) alone and takes a known defect away.
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace sqd;
using test::VirtualGlass;

namespace {

// A glass without atoms below 2.0 A up to Q = 30; `defect` is a slow relative error of S, as of a form factor or an absorption.
StructureFactor measured(VirtualGlass const& glass, double defect) {
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.3, 30, 1485);
    sq.s = glass.s(sq.q_invA);
    sq.s_sigma.assign(sq.s.size(), 0.01);
    for (std::size_t i = 0; i < sq.s.size(); ++i) {
        double const q = sq.q_invA[i];
        sq.s[i] *= 1 + defect * std::cos(q) * std::exp(-q * q / 200);
    }
    return sq;
}

double worst(std::vector<double> const& a, std::vector<double> const& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
}

} // namespace

TEST_CASE("a structure factor whose G(r) is right at low r stays as it is") {
    VirtualGlass const glass;
    auto const grid = transform_grid(measured(glass, 0), 30);
    CHECK(worst(clean_low_r(grid, glass.density_A3, 1.9, 3, 0.01), grid.s) < 2e-3); // what the fill below q = 0.3 leaves
}

TEST_CASE("a slow relative error of S(q), which is a spurious peak of G(r) near 1 A, is taken out") {
    VirtualGlass const glass;
    auto const right = transform_grid(measured(glass, 0), 30), wrong = transform_grid(measured(glass, 0.1), 30);
    double const before = worst(wrong.s, right.s);
    CHECK(worst(clean_low_r(wrong, glass.density_A3, 1.9, 1, 0.01), right.s) < 0.35 * before);
    CHECK(worst(clean_low_r(wrong, glass.density_A3, 1.9, 4, 0.01), right.s) < 0.08 * before);
}

TEST_CASE("no iteration changes nothing") {
    VirtualGlass const glass;
    auto const grid = transform_grid(measured(glass, 0.3), 30);
    CHECK(clean_low_r(grid, glass.density_A3, 1.9, 0, 0.01) == grid.s);
}

TEST_CASE("what a change of S does to the excess below the cut is known through every step of the cleaning") {
    VirtualGlass const glass;
    auto const grid = transform_grid(measured(glass, 0.3), 30);
    std::vector<double> weight;
    for (int iterations : {0, 1, 3}) {
        auto const excess = low_r_excess(grid, glass.density_A3, 2.0, iterations, 0.02);
        weight.clear();
        for (std::size_t k = 0; k < excess.residual.size(); ++k) weight.push_back(std::cos(0.1 * static_cast<double>(k)));
        auto const gradient = pull_back(grid, excess, weight);
        for (std::size_t i : {1u, 100u, 700u}) {
            auto const sum = [&](double by) {
                auto moved = grid;
                moved.s[i] += by;
                auto const residual = low_r_excess(moved, glass.density_A3, 2.0, iterations, 0.02).residual;
                return std::inner_product(weight.begin(), weight.end(), residual.begin(), 0.0);
            };
            CHECK(gradient[i] == doctest::Approx((sum(1e-4) - sum(-1e-4)) / 2e-4).epsilon(1e-6));
        }
        // after the cleaning S is that of clean_low_r
        CHECK(excess.s.back() == clean_low_r(grid, glass.density_A3, 2.0, iterations, 0.02));
    }
}
