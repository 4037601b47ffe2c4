// The watch for crystals: silent on counting noise, texture and sharp glass peaks; spots and powder lines found and named.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/bragg_watch.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

using namespace sqd;

namespace {

constexpr unsigned seed = 20240614;

/// Pixels of rings, counted one by one.
struct Rings {
    std::size_t bins = 300, pixels = 60;
    double q_first = 1.5, step = 0.008;
    std::function<double(double q)> mean;                          ///< counts per pixel
    std::function<double(double q, double turn)> factor = nullptr; ///< of a pixel at a part of the turn around the ring

    double q(std::size_t b) const { return q_first + step * static_cast<double>(b); }
};

/// A glass: FSDP at 2.6 of 0.36 full width on a slope, half of it Lorentzian.
double glass(double q) {
    double const u = (q - 2.6) / 0.18;
    return 1 + 0.1 * (4 - q) + 1.5 * (0.5 / (1 + u * u) + 0.5 * std::exp(-std::log(2.0) * u * u));
}

template <class Random>
RingStatistics counted(Rings const& rings, Random& random) {
    RingStatistics out;
    for (std::size_t b = 0; b < rings.bins; ++b) {
        double const q = rings.q(b), n = static_cast<double>(rings.pixels), mean = rings.mean(q);
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < rings.pixels; ++i) {
            double const at = mean * (rings.factor ? rings.factor(q, (static_cast<double>(i) + 0.5) / n) : 1);
            double const k = at > 0 ? static_cast<double>(std::poisson_distribution<long>(at)(random)) : 0;
            sum += k;
            squares += k * k;
        }
        double const average = sum / n;
        out.q_invA.push_back(q);
        out.intensity.push_back(average);
        out.sigma.push_back(std::sqrt(std::max(sum, 1.0)) / n);
        out.variance_ratio.push_back(sum > 0 ? (squares - n * average * average) / (n - 1) / average : std::nan(""));
        out.pixels.push_back(n);
    }
    return out;
}

/// One bin's pixels as normal variables would have them: for rings of so many counts that each pixel need not be drawn.
template <class Random>
RingStatistics bright(Rings const& rings, double variance_c2, Random& random) {
    RingStatistics out;
    std::normal_distribution<double> unit(0, 1);
    for (std::size_t b = 0; b < rings.bins; ++b) {
        double const q = rings.q(b), n = static_cast<double>(rings.pixels), mean = rings.mean(q), sigma = std::sqrt(mean / n);
        double const chi2 = std::gamma_distribution<double>((n - 1) / 2, 2)(random) / (n - 1);
        out.q_invA.push_back(q);
        out.intensity.push_back(mean + sigma * unit(random));
        out.sigma.push_back(sigma);
        out.variance_ratio.push_back((1 + variance_c2 * mean) * chi2);
        out.pixels.push_back(n);
    }
    return out;
}

} // namespace

TEST_CASE("counting noise alone raises no alarm, in a thousand patterns from 0.3 to 80 counts per pixel") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    std::size_t alarms = 0, patterns = 0, many = 0;
    BraggWatchConfig eager;
    eager.false_per_pattern = 0.5;
    for (int repeat = 0; repeat < 250; ++repeat) {
        for (double const level : {0.3, 2.0, 9.0, 80.0}) {
            Rings rings{.mean = [level](double q) { return level * glass(q) / 3; }};
            rings.pixels = level > 10 ? 30 : 60;
            auto const statistics = counted(rings, random);
            alarms += watch_bragg_lines(statistics, {}, serial_for()).size();
            many += watch_bragg_lines(statistics, eager, serial_for()).size();
            ++patterns;
        }
    }
    MESSAGE(alarms, " alarms in ", patterns, " patterns; ", many, " where ", 0.5 * static_cast<double>(patterns), " are let through");
    CHECK(alarms <= 3);            // 0.2 on average: 4 come once in 17000
    CHECK(many <= 500 + 3.3 * 23); // at most 500 on average: scatter of neighbours raises thresholds
    CHECK(many >= 50);             // but not so far that nothing is seen
}

TEST_CASE("texture, uneven efficiency and a sharp glass peak raise no alarm at any brightness") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    std::size_t alarms = 0;
    for (int repeat = 0; repeat < 50; ++repeat) {
        for (double const level : {1e2, 1e4, 1e6}) {
            Rings rings{.mean = [level](double q) { return level * glass(q); }};
            rings.pixels = 3000;
            alarms +=
                watch_bragg_lines(bright(rings, 4e-4, random), {}, serial_for()).size(); // 2 % of rms: at 1e6 counts 400 times Poisson
        }
    }
    Rings textured{.mean = [](double q) { return 40 * glass(q); }};
    textured.factor = [](double q, double turn) {
        return 1 + 0.2 * std::exp(-0.5 * std::pow((q - 2.4) / 0.5, 2)) * std::cos(12.566 * turn);
    };
    for (int repeat = 0; repeat < 50; ++repeat) alarms += watch_bragg_lines(counted(textured, random), {}, serial_for()).size();
    MESSAGE(alarms, " alarms in 200 patterns");
    CHECK(alarms <= 2); // 0.04 on average
}

TEST_CASE("a spot of copper and a powder line of boron nitride are found, and named") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Rings rings{.mean = [](double q) {
        double const u = (q - 1.887) / 0.007;
        return 60 * glass(q) * (1 + 0.1 * std::exp(-0.5 * u * u)); // a powder: the same all around
    }};
    rings.pixels = 600;
    rings.factor = [](double q, double turn) {
        bool const spot = std::abs(turn - 0.3) < 0.004 && std::abs(q - 3.011) < 0.012; // some pixels of three bins
        return spot ? 4.0 : 1.0;
    };
    auto const lines = watch_bragg_lines(counted(rings, random), {}, serial_for());
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].phase == "BN");
    CHECK(lines[0].q_invA == doctest::Approx(1.887).epsilon(0.002));
    CHECK(lines[0].width_invA < 0.05);
    CHECK(lines[0].intensity_excess == doctest::Approx(0.1).epsilon(0.4));
    CHECK(lines[0].variance_excess == 0);
    CHECK(lines[1].phase == "Cu");
    CHECK(lines[1].q_invA == doctest::Approx(3.011).epsilon(0.002));
    CHECK(lines[1].variance_excess > 1);
    CHECK(lines[1].significance > 10);
}

TEST_CASE("a line is found on bins in even ratios as on even steps, as wide and as strong") {
    std::vector<BraggLine> found;
    for (bool const even : {true, false}) {
        RingStatistics rings;
        std::vector<double> edges;
        for (int i = 0; i <= 300; ++i) edges.push_back(even ? 1.5 + 0.008 * i : 1.5 * std::pow(3.9 / 1.5, i / 300.0));
        for (std::size_t b = 0; b < 300; ++b) {
            double const q = 0.5 * (edges[b] + edges[b + 1]), width = edges[b + 1] - edges[b], pixels = 60 * width / 0.008;
            double const mean = 1e4 * glass(q) * (1 + 0.3 * std::exp(-0.5 * std::pow((q - 3.01) / 0.006, 2)));
            rings.q_invA.push_back(q);
            rings.intensity.push_back(mean);
            rings.sigma.push_back(std::sqrt(mean / pixels));
            rings.pixels.push_back(pixels);
        }
        auto const lines = watch_bragg_lines(rings, {}, serial_for());
        REQUIRE(lines.size() == 1);
        found.push_back(lines.front());
    }
    CHECK(found[0].phase == "Cu");
    CHECK(found[1].phase == "Cu");
    CHECK(found[1].q_invA == doctest::Approx(found[0].q_invA).epsilon(1e-3));
    CHECK(found[1].width_invA == doctest::Approx(found[0].width_invA).epsilon(0.5));             // whole bins of 0.0080 and 0.0096 1/A
    CHECK(found[1].intensity_excess == doctest::Approx(found[0].intensity_excess).epsilon(0.3)); // a bin is a Gaussian width
}

TEST_CASE("a spot is found on a texture of five times Poisson's variance, too") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Rings rings{.mean = [](double) { return 1e4; }};
    rings.pixels = 3000;
    auto statistics = bright(rings, 4e-4, random);
    statistics.variance_ratio[150] *= 1.5; // q = 2.7; 20 sigma of what 3000 pixels scatter
    auto const lines = watch_bragg_lines(statistics, {}, serial_for());
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].q_invA == doctest::Approx(2.7));
    CHECK(lines[0].variance_excess == doctest::Approx(0.5).epsilon(0.3));
}

TEST_CASE("lines stand out beside others of their phase; what is nobody's is unknown") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Rings rings{.mean = [](double q) {
        double sum = 200 * glass(q);
        for (double const line : {1.887, 2.898, 3.047, 2.18, 2.362}) sum += 60 * std::exp(-0.5 * std::pow((q - line) / 0.008, 2));
        return sum;
    }};
    rings.pixels = 500;
    auto const lines = watch_bragg_lines(bright(rings, 0, random), {}, serial_for());
    REQUIRE(lines.size() == 5);
    std::vector<std::string> phases;
    for (auto const& line : lines) phases.push_back(line.phase);
    CHECK(phases == std::vector<std::string>{"BN", "unknown", "Cr2O3", "BN", "BN"});
}

TEST_CASE("guesses: tight fits first, then what stands in the beam") {
    auto const phases = watched_phases();
    REQUIRE(phases.size() == 7);
    CHECK(phases[0].name == "BN");
    CHECK(phases[1].name == "Cu");
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    auto const phase_at = [&](double q_line) {
        Rings rings{.mean = [q_line](double q) { return 1e4 * (1 + 0.5 * std::exp(-0.5 * std::pow((q - q_line) / 0.006, 2))); }};
        rings.bins = 700;
        auto const lines = watch_bragg_lines(bright(rings, 0, random), {}, serial_for());
        return lines.size() == 1 ? lines[0].phase : std::to_string(lines.size()) + " lines";
    };
    CHECK(phase_at(3.010) == "Cu"); // Al2O3 113 lies there too
    CHECK(phase_at(3.047) == "BN");
    CHECK(phase_at(3.480) == "Cu");
    CHECK(phase_at(3.923) == "Al2O3");
    CHECK(phase_at(5.061) == "CeO2");
    CHECK(phase_at(2.138) == "LaB6");
    CHECK(phase_at(6.2) == "unknown");
}

TEST_CASE("bins without counts, without variance or at the ends are left alone; columns must agree") {
    MESSAGE("seed ", seed);
    std::mt19937_64 random(seed);
    Rings const rings{.mean = [](double q) { return q > 2.6 && q < 2.62 ? 0.0 : 30 * glass(q); }};
    auto statistics = counted(rings, random);
    statistics.variance_ratio[50] = std::numeric_limits<double>::quiet_NaN();
    statistics.intensity[80] = statistics.sigma[80] = std::numeric_limits<double>::quiet_NaN();
    statistics.pixels[90] = 0;
    CHECK(watch_bragg_lines(statistics, {}, serial_for()).empty());
    statistics.variance_ratio.clear();
    CHECK(watch_bragg_lines(statistics, {}, serial_for()).empty());
    statistics.intensity.pop_back();
    CHECK_THROWS_AS(watch_bragg_lines(statistics, {}, serial_for()), DataError);
    CHECK_THROWS_AS(watch_bragg_lines({}, {}, serial_for()), DataError);
}
