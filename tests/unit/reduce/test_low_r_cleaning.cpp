// Low-r cleaning: leaves a right S(q) alone and takes a known defect away.
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>

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
