// The error of a difference is a promise: two samples that subtracted one noisy background scatter against each other by it.
#include "pipeline/reduce/compare.hpp"
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr double exposure = 40;
constexpr double air_time = 0.03; // of the background, in times of a sample: its noise is a large part of both

/// Counted for `time` samples' time.
template <class Draw>
Pattern1D counted_for(double time, std::vector<double> const& q, std::vector<double> expected, Draw&& draw) {
    for (double& mean : expected) mean *= time;
    auto out = counted(q, expected, draw);
    for (std::size_t i = 0; i < q.size(); ++i) out.intensity[i] /= time, out.sigma[i] /= time, out.norm[i] *= time;
    return out;
}

/// One background for both, the same told to be two, or each its own.
enum class Backgrounds { one, one_taken_for_two, two };

/// A glass and the same, compressed.
class TwoSamples {
public:
    explicit TwoSamples(double compressed) : a_(config_, exposure), b_(config_, exposure, compressed) {}

    template <class Draw>
    Comparison measured(Draw&& draw, Backgrounds backgrounds) const {
        auto const air = counted_for(air_time, a_.q, a_.air, draw);
        auto const a = reduced(counted(a_.q, a_.glass, draw), air);
        auto const b_counts = counted(b_.q, b_.glass, draw);
        auto b = reduced(b_counts, backgrounds == Backgrounds::two ? counted_for(air_time, b_.q, b_.air, draw) : air);
        if (backgrounds != Backgrounds::one) b.background_uid = "another air";
        return compare(a, b);
    }

private:
    static ReductionConfig station() {
        auto config = ribbon_station();
        config.pair_distribution = PairDistributionConfig{.q_max_invA = 6.9, .window = Window::lorch, .r_max_A = 10, .r_step_A = 0.02};
        return config;
    }
    ComparedResult reduced(Pattern1D const& sample, Pattern1D const& air) const {
        ReducedResult result;
        result.curves = reduce_pattern(sample, &air, true, config_);
        result.provenance.background_uid = "air";
        result.scan.mount = "one";
        return compared_part(result);
    }

    ReductionConfig config_ = station();
    RibbonCounts a_, b_;
};

Difference const& number(Comparison const& comparison, char const* name) {
    return *std::find_if(comparison.numbers.begin(), comparison.numbers.end(), [&](auto const& each) { return each.name == name; });
}

} // namespace

TEST_CASE("pulls of differences have mean 0 and width 1, with one background and with two") {
    constexpr int draws = 1000;
    constexpr unsigned seed = 20261130;
    MESSAGE("seed ", seed);
    // mean: 3.3 / sqrt(1000); width: 3.3 / sqrt(2000) - right code passes 999 times in 1000.
    constexpr double mean_bound = 0.104, width_bound = 0.074;
    TwoSamples const samples(1.002);
    auto const truth = samples.measured(exactly, Backgrounds::one);
    CHECK(number(truth, "q1").value > 0.004);
    std::mt19937_64 random(seed);
    PoissonDraw const poisson{random};
    for (auto const backgrounds : {Backgrounds::one, Backgrounds::two}) {
        constexpr std::array names{"q1", "fwhm", "height", "alpha"};
        std::array<Pulls, names.size() + 2> pulls;
        constexpr std::size_t s_point = 210, g_point = 140; // near the peak; at the first shell
        for (int k = 0; k < draws; ++k) {
            auto const c = samples.measured(poisson, backgrounds);
            REQUIRE(c.refused.empty());
            for (std::size_t i = 0; i < names.size(); ++i) {
                auto const& found = number(c, names[i]);
                pulls[i].add((found.value - number(truth, names[i]).value) / found.sigma);
            }
            pulls[names.size()].add((c.s->difference[s_point] - truth.s->difference[s_point]) / c.s->sigma[s_point]);
            pulls.back().add((c.g->difference[g_point] - truth.g->difference[g_point]) / c.g->sigma[g_point]);
        }
        CAPTURE(backgrounds == Backgrounds::one);
        for (std::size_t i = 0; i < pulls.size(); ++i) {
            CAPTURE(i);
            CHECK(std::abs(pulls[i].mean()) < mean_bound);
            CHECK(std::abs(pulls[i].deviation() - 1) < width_bound);
        }
    }
}

TEST_CASE("a common background that nobody knows of makes errors too large") {
    constexpr unsigned seed = 20261202;
    MESSAGE("seed ", seed);
    TwoSamples const samples(1.002);
    auto const truth = samples.measured(exactly, Backgrounds::one);
    std::mt19937_64 random(seed);
    PoissonDraw const poisson{random};
    Pulls q1, height;
    for (int k = 0; k < 400; ++k) {
        auto const c = samples.measured(poisson, Backgrounds::one_taken_for_two);
        q1.add((number(c, "q1").value - number(truth, "q1").value) / number(c, "q1").sigma);
        height.add((number(c, "height").value - number(truth, "height").value) / number(c, "height").sigma);
    }
    // Right errors would have 1 +- 0.04.
    CHECK(q1.deviation() < 0.87);
    CHECK(height.deviation() < 0.87);
}

TEST_CASE("the chance that counting alone makes a difference is as often small as it says") {
    constexpr int draws = 1000;
    constexpr unsigned seed = 20261201;
    MESSAGE("seed ", seed);
    TwoSamples const twins(1);
    std::mt19937_64 random(seed);
    PoissonDraw const poisson{random};
    double s_mean = 0, g_mean = 0;
    int s_low = 0, g_low = 0;
    for (int k = 0; k < draws; ++k) {
        auto const c = twins.measured(poisson, k % 2 == 0 ? Backgrounds::one : Backgrounds::two);
        s_mean += c.s->p_value / draws, g_mean += c.g->p_value / draws;
        s_low += c.s->p_value < 0.05, g_low += c.g->p_value < 0.05;
    }
    // Even between 0 and 1: mean 1/2 +- 3.3 / sqrt(12 draws), 5 % below 0.05 +- 3.3 sqrt(0.05 0.95 draws).
    CHECK(std::abs(s_mean - 0.5) < 0.03);
    CHECK(std::abs(g_mean - 0.5) < 0.03);
    CHECK(std::abs(s_low - 50) < 23);
    CHECK(std::abs(g_low - 50) < 23);
}
