// The first sharp peak: estimators on peaks whose answer is known, failures that are named.
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/fsdp.hpp"
#include "pipeline/reduce/peak_model.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

using namespace sqd;

namespace {

constexpr PeakParameters symmetric{2.6, 2.62, 0.19, 0.19, 0.5, 0.5, 0.1, 0.05};

struct Curve {
    std::vector<double> q = test::bin_centres(1.5, 4.0, 830), y, sigma;
};

FsdpOutcome fit(Curve const& c, ReductionConfig const& config) {
    std::vector<std::size_t> all(c.q.size());
    std::iota(all.begin(), all.end(), 0u);
    return fit_fsdp({c.q, c.y, pattern_errors(c.sigma, {}, {}, all), "sq"}, config);
}

Curve curve_of(PeakParameters const& p) {
    Curve c;
    for (double const q : c.q) {
        c.y.push_back(peak_value(p, q));
        c.sigma.push_back(0.01);
    }
    return c;
}

ReductionConfig config_of(PeakEstimator model = PeakEstimator::split_pseudo_voigt) {
    ReductionConfig c;
    c.energy_keV = 13.0;
    c.distance_m = 0.0816;
    c.sample.thickness_um = 30;
    c.fsdp = FsdpConfig{false, 2.2, 3.1, model};
    return c;
}

bool has(std::vector<std::string> const& flags, char const* flag) {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

} // namespace

TEST_CASE("a peak of the model's shape gives back its centre, width and height by both models") {
    for (auto model : {PeakEstimator::split_pseudo_voigt, PeakEstimator::pseudo_voigt}) {
        auto const outcome = fit(curve_of(symmetric), config_of(model));
        REQUIRE(outcome.peak);
        auto const& f = *outcome.peak;
        CHECK(f.q1 == doctest::Approx(2.62).epsilon(1e-7));
        CHECK(f.fwhm == doctest::Approx(0.38).epsilon(1e-5));
        CHECK(f.height == doctest::Approx(2.6).epsilon(1e-5));
        CHECK(f.q1_sigma > 0);
        CHECK(f.fwhm_sigma > 0);
        CHECK(f.q_invA.size() == f.fit.size());
        CHECK(f.q_invA.front() >= 2.2);
        CHECK(f.flags.empty());
    }
}

TEST_CASE("q1_max is where the derivative of peak plus line vanishes") {
    auto tilted = symmetric;
    tilted[peak::slope] = 0.8;
    auto const f = *fit(curve_of(tilted), config_of()).peak;
    double const below = peak_value(tilted, f.q1_max - 1e-4), at = peak_value(tilted, f.q1_max),
                 above = peak_value(tilted, f.q1_max + 1e-4);
    CHECK(f.q1_max > f.q1 + 0.001);
    CHECK(at > below);
    CHECK(at > above);
    CHECK(above - below == doctest::Approx(0).scale(1).epsilon(1e-8));
}

TEST_CASE("parabola and centroid of a symmetric peak are its centre, so the model spread vanishes") {
    auto level = symmetric;
    level[peak::slope] = 0;
    auto const f = *fit(curve_of(level), config_of()).peak;
    CHECK(f.q1_parabola == doctest::Approx(2.62).epsilon(2e-5)); // the bins do not lie evenly about the centre
    CHECK(f.q1_centroid == doctest::Approx(2.62).epsilon(2e-6));
    CHECK(f.q1_sigma_model < 5e-5);
}

TEST_CASE("an asymmetric peak has a model spread, of the order of its asymmetry") {
    auto skew = symmetric;
    skew[peak::width_right] = 0.25;
    auto const f = *fit(curve_of(skew), config_of()).peak;
    CHECK(f.q1 == doctest::Approx(2.62).epsilon(1e-6));
    CHECK(f.q1_centroid > 2.63);
    CHECK(f.q1_sigma_model == doctest::Approx((std::max({f.q1, f.q1_parabola, f.q1_centroid}) - f.q1) / 2).scale(0).epsilon(0.6));
    CHECK(f.q1_sigma_model > 0.004);
}

TEST_CASE("sigma of the geometry is the full thickness over the distance times its lever") {
    auto const f = *fit(curve_of(symmetric), config_of()).peak;
    double const theta = std::asin(2.62 * 12.398419843 / 13.0 / (4 * std::numbers::pi));
    CHECK(f.q1_sigma_geometry ==
          doctest::Approx(2.62 * std::pow(std::cos(theta), 2) * std::cos(2 * theta) * 30e-6 / 0.0816).scale(0).epsilon(1e-6));
    CHECK(f.q1_sigma_geometry == doctest::Approx(0.00085).scale(0).epsilon(0.01)); // the paper's +-0.001
}

TEST_CASE("on a detector that is turned towards the ring the lever is that of the path to it; the wavelength comes on top") {
    auto config = config_of();
    config.energy_keV = 15;
    config.distance_m = 1.84;
    config.tilt_rad = 0.3464;
    double const theta = std::asin(2.62 * 12.398419843 / 15.0 / (4 * std::numbers::pi));
    double const path = 1.84 / std::cos(2 * theta - 0.3464), distance = 2.62 * std::pow(std::cos(theta), 2) * 30e-6 / path;
    CHECK(fit(curve_of(symmetric), config).peak->q1_sigma_geometry == doctest::Approx(distance).scale(0).epsilon(1e-6));
    config.energy_sigma_keV = 0.003;
    CHECK(fit(curve_of(symmetric), config).peak->q1_sigma_geometry ==
          doctest::Approx(std::hypot(distance, 2.62 * 0.003 / 15)).scale(0).epsilon(1e-6));
}

TEST_CASE("scaling the curve scales the height and nothing else") {
    auto c = curve_of(symmetric);
    auto const one = *fit(c, config_of()).peak;
    for (auto* v : {&c.y, &c.sigma}) {
        for (auto& x : *v) x *= 1e5;
    }
    auto const big = *fit(c, config_of()).peak;
    CHECK(big.q1 == doctest::Approx(one.q1).epsilon(1e-9));
    CHECK(big.q1_sigma == doctest::Approx(one.q1_sigma).scale(0).epsilon(1e-4));
    CHECK(big.height == doctest::Approx(1e5 * one.height).epsilon(1e-6));
}

TEST_CASE("without sigma there is a peak but no statistical error") {
    auto c = curve_of(symmetric);
    c.sigma[500] = 0;
    for (auto const& sigma : {std::vector<double>{}, c.sigma}) {
        c.sigma = sigma;
        auto const f = *fit(c, config_of()).peak;
        CHECK(f.q1 == doctest::Approx(2.62).epsilon(1e-7));
        CHECK(std::isnan(f.q1_sigma));
        CHECK(std::isnan(f.chi2_reduced));
        CHECK(has(f.flags, "sigma_unknown"));
    }
}

TEST_CASE("parabola and centroid as estimators are positions beside the same fit") {
    auto skew = symmetric;
    skew[peak::width_right] = 0.25;
    auto const split = *fit(curve_of(skew), config_of()).peak;
    auto const parabola = *fit(curve_of(skew), config_of(PeakEstimator::parabola)).peak;
    auto const centroid = *fit(curve_of(skew), config_of(PeakEstimator::centroid)).peak;
    CHECK(parabola.q1 == split.q1_parabola);
    CHECK(centroid.q1 == split.q1_centroid);
    CHECK(parabola.model == "parabola");
    CHECK(centroid.model == "centroid");
    for (auto const& f : {parabola, centroid}) {
        CHECK(f.fwhm == split.fwhm);
        CHECK(f.fit == split.fit);
        CHECK(f.q1_sigma > 0.1 * split.q1_sigma); // no correlation with widths
        CHECK(f.q1_sigma < 5 * split.q1_sigma);
    }
}

TEST_CASE("the sensitivity of every estimator is what moving ten points does to it") {
    auto skew = symmetric;
    skew[peak::width_right] = 0.25;
    auto const clean = curve_of(skew);
    for (auto estimator :
         {PeakEstimator::split_pseudo_voigt, PeakEstimator::pseudo_voigt, PeakEstimator::parabola, PeakEstimator::centroid}) {
        auto const truth = *fit(clean, config_of(estimator)).peak;
        CAPTURE(truth.model);
        std::vector<double> said, found;
        double largest = 0;
        for (std::size_t first = 260; first < 500; first += 30) {
            constexpr double step = 0.005;
            auto up = clean, down = clean;
            said.push_back(0);
            for (std::size_t i = first; i < first + 10; ++i) {
                up.y[i] += step;
                down.y[i] -= step;
                said.back() += truth.q1_sensitivity[i];
            }
            found.push_back((fit(up, config_of(estimator)).peak->q1 - fit(down, config_of(estimator)).peak->q1) / (2 * step));
            largest = std::max(largest, std::abs(found.back()));
        }
        for (std::size_t k = 0; k < said.size(); ++k) CHECK(std::abs(said[k] - found[k]) < 0.05 * largest);
    }
}

TEST_CASE("every estimator scatters by its sigma under repeated counting") {
    constexpr unsigned seed = 20261127;
    constexpr int draws = 1000;
    MESSAGE("seed ", seed);
    auto skew = symmetric;
    skew[peak::width_right] = 0.25;
    auto const clean = curve_of(skew);
    for (auto estimator :
         {PeakEstimator::split_pseudo_voigt, PeakEstimator::pseudo_voigt, PeakEstimator::parabola, PeakEstimator::centroid}) {
        auto const truth = *fit(clean, config_of(estimator)).peak;
        std::mt19937_64 random(seed);
        std::normal_distribution<double> normal;
        double sum = 0, square = 0;
        for (int k = 0; k < draws; ++k) {
            auto noisy = clean;
            for (std::size_t i = 0; i < noisy.y.size(); ++i) noisy.y[i] += noisy.sigma[i] * normal(random);
            auto const f = *fit(noisy, config_of(estimator)).peak;
            double const pull = (f.q1 - truth.q1) / f.q1_sigma;
            sum += pull;
            square += pull * pull;
        }
        CAPTURE(truth.model);
        MESSAGE(truth.model, ": deviation of pulls ", std::sqrt(square / draws - std::pow(sum / draws, 2)));
        double const mean = sum / draws, deviation = std::sqrt(square / draws - mean * mean);
        CHECK(std::abs(mean) < 0.15);         // 3.3 / sqrt(1000) = 0.105, and what noise of second order moves a top
        CHECK(std::abs(deviation - 1) < 0.1); // 3.3 / sqrt(2000) = 0.074
    }
}

TEST_CASE("bins without a value are left out") {
    auto c = curve_of(symmetric);
    for (std::size_t i = 350; i < 360; ++i) c.y[i] = std::nan("");
    auto const f = *fit(c, config_of()).peak;
    CHECK(f.q1 == doctest::Approx(2.62).epsilon(1e-7));
    for (double const x : f.fit) CHECK(std::isfinite(x));
}

TEST_CASE("what is no peak is a named failure, not a number") {
    auto c = curve_of(symmetric);
    auto config = config_of();
    config.fsdp->window_low_invA = 3.99;
    config.fsdp->window_high_invA = 4.0;
    CHECK(fit(c, config).failure == "too_few_points");

    for (auto& y : c.y) y = -y;
    CHECK(fit(c, config_of()).failure == "no_peak_in_window");

    for (std::size_t i = 0; i < c.y.size(); ++i) c.y[i] = 1 + 0.3 * c.q[i];
    auto const rising = fit(c, config_of());
    CHECK_FALSE(rising.peak);
    CHECK_FALSE(rising.failure.empty());

    unsigned state = 1; // noise alone
    for (auto& y : c.y) {
        state = state * 1664525u + 1013904223u;
        y = 1 + 0.01 * (static_cast<double>(state >> 8) / (1 << 24) - 0.5) * 3.46;
    }
    auto const noise = fit(c, config_of());
    CHECK_FALSE(noise.peak);
    CHECK_FALSE(noise.failure.empty());
}
