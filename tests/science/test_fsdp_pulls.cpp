// The sigma of the peak is a promise: repeated counting scatters by it, from counts through S(q) to q1, width and height.
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("pulls of the peak have mean 0 and width 1, on S(q) and on I(q), however far counting outdoes the model") {
    constexpr int draws = 400;
    // mean: 3.3 / sqrt(400); width: 3.3 / sqrt(800) - right code passes 999 times in 1000.
    constexpr double mean_bound = 0.165, width_bound = 0.117;
    struct Case {
        bool on_pattern;
        double exposure;
    };
    for (Case const& c : {Case{false, 40}, Case{true, 40}, Case{false, 4000}}) { // at the last, chi^2 is far above 1
        auto config = ribbon_station();
        config.fsdp->on_pattern = c.on_pattern;
        RibbonCounts const expected(config, c.exposure);
        auto const air = counted(expected.q, expected.air, exactly);
        auto const truth = *reduce_pattern(counted(expected.q, expected.glass, exactly), &air, true, config).fsdp;

        std::mt19937_64 random(20);
        PoissonDraw const poisson{random};
        Pulls q1, fwhm, height;
        for (int k = 0; k < draws; ++k) {
            auto const noisy_air = counted(expected.q, expected.air, poisson);
            auto const curves = reduce_pattern(counted(expected.q, expected.glass, poisson), &noisy_air, true, config);
            REQUIRE(curves.fsdp);
            q1.add((curves.fsdp->q1 - truth.q1) / curves.fsdp->q1_sigma);
            fwhm.add((curves.fsdp->fwhm - truth.fwhm) / curves.fsdp->fwhm_sigma);
            height.add((curves.fsdp->height - truth.height) / curves.fsdp->height_sigma);
        }
        CAPTURE(c.on_pattern);
        CAPTURE(c.exposure);
        if (c.exposure > 1000) CHECK(truth.chi2_reduced > 5);
        for (Pulls const& pulls : {q1, fwhm, height}) {
            CHECK(std::abs(pulls.mean()) < mean_bound);
            CHECK(std::abs(pulls.deviation() - 1) < width_bound);
        }
    }
}
