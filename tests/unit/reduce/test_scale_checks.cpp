// The checks of a scale: right on a glass of known density, off by what the scale is off.
#include "pipeline/reduce/scale_checks.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace sqd;

namespace {

// S of the glass with its self part scaled by 1 + error, as a wrong alpha does.
StructureFactor glass_with(double error) {
    test::VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.3, 25, 1235);
    sq.s = glass.s(sq.q_invA);
    sq.form = "faber_ziman";
    sq.normalization.density_A3 = glass.density_A3;
    CurveErrors& e = sq.errors;
    SharedParameter alpha;
    for (std::size_t i = 0; i < sq.s.size(); ++i) {
        sq.s[i] += error * (sq.s[i] + 0.4);
        sq.s_sigma.push_back(0.01);
        e.sigma.push_back(0.01);
        e.direct.push_back(1);
        e.bin.push_back(i);
    }
    return sq;
}

} // namespace

TEST_CASE("of a right S(q) the checks are 1, 0 and the density; of a wrong scale they are off by it") {
    PairDistributionConfig config;
    config.q_max_invA = 25;
    config.low_r_cut_A = 1.7;
    auto const right = scale_checks(glass_with(0), config);
    CHECK(right.s_high_q.value == doctest::Approx(1).epsilon(1e-4));
    CHECK(right.s_high_q.sigma == doctest::Approx(0.01 / std::sqrt(412)).scale(0).epsilon(0.01)); // a third of 1235 points
    CHECK(std::abs(right.f_mean.value) < 0.01);
    CHECK(*right.density_low_r_A3 == doctest::Approx(0.06049).scale(0).epsilon(0.01));
    auto const wrong = scale_checks(glass_with(0.03), config);
    CHECK(wrong.s_high_q.value == doctest::Approx(1 + 0.03 * 1.4).epsilon(1e-4));
    CHECK(wrong.f_mean.value == doctest::Approx(0.03 * 1.4 * (25 + 8.5) / 2).epsilon(0.01));
    CHECK(std::abs(*wrong.density_low_r_A3 / 0.06049 - 1) > 0.02);
    CHECK_FALSE(scale_checks(glass_with(0), std::nullopt).density_low_r_A3);
}
