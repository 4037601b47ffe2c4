// Tails of Poisson, binomial and Pearson III variables against SciPy, and against sums that can be done by hand.
#include "pipeline/reduce/tail_probability.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace sqd;

// scipy 1.10: special.gammainc(k, m); 2e-8 leaves room for exp(-1e6 log 1e6), which rounds.
TEST_CASE("the tail of a Poisson variable is the incomplete gamma function") {
    struct Row {
        double count, mean, tail;
    };
    for (auto const& [count, mean, tail] : {Row{1, 0.01, 0.009950166251},
                                            {3, 0.01, 1.654216528e-07},
                                            {10, 1.5, 4.097500976e-06},
                                            {30, 8, 2.102583631e-09},
                                            {150, 90, 4.795302328e-09},
                                            {900, 1000, 0.9993774022},
                                            {1006000, 1e6, 1.025708191e-09},
                                            {2.5, 1.3, 0.2386347322}}) {
        auto const& this_count = count;
        CAPTURE(this_count);
        CHECK(poisson_tail(count, mean) == doctest::Approx(tail).epsilon(2e-8));
    }
    CHECK(poisson_tail(1, 0.3) == doctest::Approx(1 - std::exp(-0.3)).epsilon(1e-13));
    CHECK(poisson_tail(0, 5) == 1);
    CHECK(poisson_tail(1, 0) == 0);
}

// scipy 1.10: special.betainc(k, n - k + 1, p)
TEST_CASE("the tail of a binomial variable is the incomplete beta function") {
    struct Row {
        double count, trials, probability, tail;
    };
    for (auto const& [count, trials, probability, tail] : {Row{2, 40, 0.001, 0.000760511557},
                                                           {9, 200, 0.005, 9.738937175e-07},
                                                           {60, 100000, 0.0002, 4.199991869e-13},
                                                           {80, 100, 0.5, 5.579544529e-10},
                                                           {3.5, 20, 0.02, 0.002137083586},
                                                           {40, 100, 0.5, 0.9823998999}}) {
        auto const& this_count = count;
        CAPTURE(this_count);
        CHECK(binomial_tail(count, trials, probability) == doctest::Approx(tail).epsilon(1e-8));
    }
    CHECK(binomial_tail(3, 3, 0.1) == doctest::Approx(1e-3).epsilon(1e-12));
    CHECK(binomial_tail(0, 3, 0.1) == 1);
    CHECK(binomial_tail(4, 3, 0.1) == 0);
    CHECK(binomial_tail(1, 3, 0) == 0);
    CHECK(binomial_tail(3, 3, 1) == 1);
}

// scipy 1.10: stats.pearson3.sf(z, skewness), stats.norm.sf(z)
TEST_CASE("Pearson III has a normal tail without skewness and a heavier one with it") {
    struct Row {
        double z, skewness, tail;
    };
    for (auto const& [z, skewness, tail] : {Row{5, 0, 2.866515719e-07},
                                            {5, 0.1, 1.647219264e-06},
                                            {4, 1.0, 0.002291791208},
                                            {-1, 0.5, 0.8444156525},
                                            {6, 0.01, 1.401902261e-09},
                                            {3, 2.5, 0.02085581955}}) {
        auto const& this_z = z;
        CAPTURE(this_z);
        CHECK(pearson3_tail(z, skewness) == doctest::Approx(tail).epsilon(1e-8));
        CHECK(pearson3_quantile(tail, skewness) == doctest::Approx(z).epsilon(1e-8));
    }
}

TEST_CASE("within four sigmas no count is as improbable as 3.1e-5, at a known rate or at one that was counted elsewhere") {
    for (double mean = 1e-3; mean < 1e9; mean *= 1.7) {
        double const count = mean + 4 * std::sqrt(mean);
        CHECK(poisson_tail(count, mean) > 3.1e-5);
        for (double const others : {7.0, 50.0, 5000.0}) // pixels of the same norm
            CHECK(binomial_tail(count, count + others * mean, 1 / (1 + others)) > 3.1e-5);
    }
}
