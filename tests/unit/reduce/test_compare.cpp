// Two results against each other: laws of a difference, which errors cancel, what is not compared.
#include "pipeline/reduce/compare.hpp"

#include "pipeline/reduce/spectrum.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <utility>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr double sigma_s = 0.002;

Fsdp peak(double q1) {
    Fsdp f;
    f.q1 = q1, f.q1_sigma = 0.0002, f.q1_background_sigma = 0.0001, f.q1_sigma_geometry = 0.0009, f.q1_max = q1 + 0.004;
    f.fwhm = 0.38, f.fwhm_sigma = 0.0005, f.height = 1.9, f.height_sigma = 0.002;
    f.model = "split_pseudo_voigt", f.on = "sq", f.window_low = 2.2, f.window_high = 3.1;
    return f;
}

/// S of the glass compressed by so much, its errors known as those of points that share a scale.
StructureFactor structure(double compressed) {
    StructureFactor sq;
    sq.q_invA = bin_centres(0.5, 6.9, 640);
    auto own = sq.q_invA;
    for (double& q : own) q /= compressed;
    sq.s = VirtualGlass{}.s(own);
    sq.s_sigma.assign(640, sigma_s);
    sq.form = "faber_ziman";
    sq.normalization.alpha = 0.3, sq.normalization.alpha_sigma = 0.001, sq.normalization.method = "kmn";
    sq.errors.sigma.assign(640, sigma_s);
    sq.errors.direct.assign(640, 1.0);
    sq.errors.shared.push_back({sq.s, std::vector<double>(640, 0.0)});
    return sq;
}

PairDistribution pairs(double compressed) {
    PairDistribution gr;
    for (int i = 1; i <= 1000; ++i) gr.r_A.push_back(0.02 * i);
    for (double const r : gr.r_A) gr.g.push_back(VirtualGlass{}.g(r * compressed));
    gr.g_sigma.assign(gr.r_A.size(), 0.01);
    gr.q_max_invA = 6.9, gr.window = "none", gr.low_r_cut_A = 2.2;
    gr.shells = {Shell{.r_A = {2.8 / compressed, 0.002}, .height = {3, 0.01}, .coordination = Estimate{12, 0.1}},
                 Shell{.r_A = {4.9 / compressed, 0.004}, .height = {1, 0.01}}};
    return gr;
}

ComparedResult result(std::string const& uid, double compressed = 1) {
    ComparedResult out;
    out.uid = uid, out.id = "glass", out.mount = "m1", out.background_uid = "air", out.composition = "Zr", out.wavelength_A = 0.95;
    out.fsdp = peak(2.62 * compressed);
    out.sq = structure(compressed);
    out.gr = pairs(compressed);
    return out;
}

Difference const& number(Comparison const& comparison, std::string const& name) {
    for (auto const& each : comparison.numbers)
        if (each.name == name) return each;
    FAIL("no number ", name);
    return comparison.numbers.front();
}

} // namespace

TEST_CASE("a result differs from itself by nothing") {
    auto const c = compare(result("a"), result("a"));
    REQUIRE(c.refused.empty());
    CHECK(c.numbers.size() == 10);
    for (auto const& each : c.numbers) {
        CHECK(each.value == 0);
        if (each.name != "q1_max") CHECK(each.significance == 0);
    }
    CHECK(c.s->chi2 == 0);
    CHECK(c.s->p_value == 1);
    CHECK(c.g->chi2 == 0);
    CHECK(c.change == Change::none);
    CHECK(c.left_out.empty());
    CHECK(c.warnings.empty());
}

TEST_CASE("the other way round every difference has the other sign and the same error") {
    auto const there = compare(result("a"), result("b", 1.001)), back = compare(result("b", 1.001), result("a"));
    REQUIRE(there.numbers.size() == back.numbers.size());
    for (std::size_t i = 0; i < there.numbers.size(); ++i) {
        CHECK(there.numbers[i].value == -back.numbers[i].value);
        if (std::isfinite(there.numbers[i].sigma)) CHECK(there.numbers[i].sigma == back.numbers[i].sigma);
    }
    CHECK(there.s->chi2 == doctest::Approx(back.s->chi2).epsilon(1e-9));
    CHECK(there.g->chi2 == doctest::Approx(back.g->chi2).epsilon(1e-9));
    for (std::size_t i = 0; i < 640; ++i) CHECK(there.s->difference[i] == -back.s->difference[i]);
}

TEST_CASE("what a common background has cancels, as far as both have it") {
    auto a = result("a"), b = result("b");
    b.fsdp->q1_background_sigma = 0.00015;
    auto const common = compare(a, b);
    CHECK(common.one_background);
    CHECK(number(common, "q1").sigma == doctest::Approx(std::sqrt(2 * 4e-8 - 2 * 1.5e-8)));
    b.background_uid = "another";
    CHECK_FALSE(compare(a, b).one_background);
    CHECK(number(compare(a, b), "q1").sigma == doctest::Approx(std::sqrt(2 * 4e-8)));
    a.background_uid = b.background_uid = ""; // no background is no common one
    CHECK_FALSE(compare(a, b).one_background);
}

TEST_CASE("within a mount counting alone decides, between mounts the distance as well") {
    auto a = result("a"), b = result("b");
    b.fsdp = peak(2.6221); // 0.0021 more
    auto const within = compare(a, b);
    CHECK(within.one_mount);
    CHECK(number(within, "q1").geometry_sigma == 0);
    CHECK(number(within, "q1").significance == number(within, "q1").significance_with_geometry);
    CHECK(within.change == Change::sample);

    b.mount = "m2";
    auto const between = compare(a, b);
    CHECK_FALSE(between.one_mount);
    auto const& q1 = number(between, "q1");
    CHECK(q1.geometry_sigma == doctest::Approx(0.0009 * std::sqrt(2.0)).epsilon(1e-3));
    CHECK(q1.significance > 8);
    CHECK(q1.significance_with_geometry == doctest::Approx(0.0021 / std::hypot(q1.sigma, q1.geometry_sigma)));
    CHECK(between.change == Change::perhaps_mount);
    // Widths and distances between atoms go with the scale of q, heights and alpha do not.
    CHECK(number(between, "fwhm").geometry_sigma / 0.38 == doctest::Approx(q1.geometry_sigma / 2.62).epsilon(1e-3));
    CHECK(number(between, "shell1_r").geometry_sigma / 2.8 == doctest::Approx(q1.geometry_sigma / 2.62).epsilon(1e-3));
    CHECK(number(between, "shell1_coordination").geometry_sigma / 12 == doctest::Approx(3 * q1.geometry_sigma / 2.62).epsilon(1e-3));
    CHECK(number(between, "height").geometry_sigma == 0);
    CHECK(number(between, "alpha").geometry_sigma == 0);

    b.fsdp = peak(2.632);
    CHECK(compare(a, b).change == Change::sample);
    a.mount = b.mount = ""; // nobody said that it is the same
    CHECK_FALSE(compare(a, b).one_mount);
    a.fsdp->q1_sigma_geometry = 0; // nobody said how thick the sample is
    CHECK(std::isnan(number(compare(a, b), "q1").significance_with_geometry));
    CHECK(compare(a, b).change == Change::perhaps_mount);
}

TEST_CASE("a peak without errors has no significance and no verdict") {
    auto a = result("a"), b = result("b", 1.01);
    b.fsdp->q1_sigma = std::nan("");
    CHECK(std::isnan(number(compare(a, b), "q1").significance));
    CHECK_FALSE(compare(a, b).change);
    CHECK(number(compare(a, b), "q1").value == doctest::Approx(0.0262));
    CHECK(std::isnan(number(compare(a, b), "q1_max").sigma));
}

TEST_CASE("another scale of S alone is no other structure, another distance is the mount's") {
    auto a = result("a"), b = result("b");
    for (std::size_t i = 0; i < b.sq->s.size(); ++i) b.sq->s[i] += 0.05 * a.sq->errors.shared.front().effect[i];
    auto const scaled = compare(a, b);
    CHECK(scaled.s->degrees == 639);
    CHECK(scaled.s->chi2 < 1e-10);
    a.sq->errors = b.sq->errors = {}; // of an archive that knows sigma alone
    CHECK(compare(a, b).s->degrees == 640);
    CHECK(compare(a, b).s->chi2 > 1000);

    auto const reference = result("a");
    auto moved = result("b", 1.0005);
    CHECK(compare(reference, moved).s->chi2 > 1000);
    CHECK(compare(reference, moved).s->chi2_with_geometry == compare(reference, moved).s->chi2);
    moved.mount = "m2";
    auto const between = compare(reference, moved);
    CHECK(between.s->p_value < 1e-6);
    CHECK(between.s->chi2_with_geometry < 0.1 * between.s->chi2);
    CHECK(between.g->chi2_with_geometry < between.g->chi2);
}

TEST_CASE("the noise of G has as many degrees of freedom as draws of the noise of S give it") {
    constexpr unsigned seed = 20261127;
    constexpr int draws = 3000;
    MESSAGE("seed ", seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    auto a = result("a"), b = result("b");
    auto const& q = a.sq->q_invA;
    for (auto const& [name, window] : {std::pair{"none", Window::none}, std::pair{"lorch", Window::lorch}}) {
        a.gr->window = b.gr->window = name;
        // The points that are looked at: every 23 steps of 0.02 A is pi / 6.9 A, the first beyond 2.2 A is the fifth.
        std::size_t const first = 5, points = 1000 / 23 - first + 1;
        std::vector<double> squares;
        std::vector<std::vector<double>> sines(points);
        for (std::size_t k = 0; k < points; ++k) {
            double const r = 0.46 * static_cast<double>(first + k);
            double variance = 0;
            for (double const each : q) {
                sines[k].push_back(each * window_factor(window, each, 6.9) * std::sin(each * r));
                variance += sines[k].back() * sines[k].back();
            }
            for (double& sine : sines[k]) sine /= std::sqrt(variance);
        }
        for (int draw = 0; draw < draws; ++draw) {
            std::vector<double> noise;
            for (std::size_t i = 0; i < q.size(); ++i) noise.push_back(normal(random));
            double chi2 = 0;
            for (auto const& sine : sines) chi2 += std::pow(std::inner_product(sine.begin(), sine.end(), noise.begin(), 0.0), 2);
            squares.push_back(chi2);
        }
        double mean = 0, variance = 0;
        for (double const x : squares) mean += x / draws;
        for (double const x : squares) variance += (x - mean) * (x - mean) / draws;
        auto const& this_name = name;
        CAPTURE(this_name);
        // A variance of so many draws is known to 4 %; three times that.
        CHECK(compare(a, b).g->degrees == doctest::Approx(2 * mean * mean / variance).epsilon(0.12));
    }
}

TEST_CASE("what is not the same measurement is refused, with the reason in words") {
    auto const refused = [](std::function<void(ComparedResult&)> const& change, std::string const& words) {
        auto b = result("b");
        change(b);
        auto const c = compare(result("a"), b);
        CAPTURE(c.refused);
        CHECK(c.refused.find(words) != std::string::npos);
        CHECK(c.numbers.empty());
        CHECK_FALSE(c.s);
    };
    refused([](auto& b) { b.fsdp->model = "parabola"; }, "estimators of the peak (split_pseudo_voigt and parabola)");
    refused([](auto& b) { b.fsdp->on = "pattern"; }, "peaks of other curves (sq and pattern)");
    refused([](auto& b) { b.fsdp->window_high = 3.2; }, "windows");
    refused([](auto& b) { b.sq->form = "laue_none"; }, "forms of S(q) (faber_ziman and laue_none)");
    refused([](auto& b) { b.sq->q_invA[5] += 1e-6; }, "axes of S(q)");
    refused([](auto& b) { b.sq->q_invA.pop_back(); }, "axes of S(q)");
    refused([](auto& b) { b.wavelength_A = 0.951; }, "energies");
    refused([](auto& b) { b.fsdp.reset(), b.sq.reset(); }, "nothing that both have");
}

TEST_CASE("what one of them lacks is left out alone, what may explain a difference is told") {
    auto b = result("b");
    b.fsdp.reset();
    auto const without_peak = compare(result("a"), b);
    CHECK(without_peak.refused.empty());
    CHECK(without_peak.left_out == std::vector<std::string>{"the peak (one has none)"});
    CHECK_FALSE(without_peak.change);
    CHECK(without_peak.s);
    CHECK(number(without_peak, "shell2_r").value == 0);

    b = result("b");
    b.gr->window = "lorch";
    CHECK(compare(result("a"), b).left_out == std::vector<std::string>{"G(r) (other windows or q_max)"});
    b.gr.reset();
    CHECK(compare(result("a"), b).left_out == std::vector<std::string>{"G(r) (one has none)"});
    b.sq.reset();
    CHECK(compare(result("a"), b).left_out == std::vector<std::string>{"S(q) (one has none)"});

    b = result("b");
    b.composition = "Cu", b.geometry_sha256 = "other", b.sq->normalization.method = "high_q";
    CHECK(compare(result("a"), b).warnings ==
          std::vector<std::string>{"other compositions (Zr and Cu)", "other geometries", "other normalisations (kmn and high_q)"});
}
