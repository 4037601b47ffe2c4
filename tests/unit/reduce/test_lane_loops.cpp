// Loops in vector instructions: right, and the same to the bit in every tier that this machine has.
#include "pipeline/reduce/lane_loops.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace sqd;

namespace {

std::vector<CpuTier> tiers_here() {
    std::vector<CpuTier> out;
    for (CpuTier const tier : all_cpu_tiers)
        if (tier <= best_cpu_tier()) out.push_back(tier);
    return out;
}

std::vector<double> drawn(std::size_t count, double most, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(-most, most);
    std::vector<double> out(count);
    for (double& x : out) x = uniform(random);
    return out;
}

constexpr unsigned seed = 20261130;

} // namespace

TEST_CASE("sines, cosines and exponentials are those of the library, in every tier the same") {
    auto x = drawn(1003, 1e4, seed);
    x.insert(x.end(), {0, 0.5, -0.5, 1e-9, 3.14159265358979323846, 1e5});
    std::size_t const n = x.size();
    std::vector<std::vector<double>> sine, cosine, power;
    for (CpuTier const tier : tiers_here()) {
        sine.emplace_back(n);
        cosine.emplace_back(n);
        power.emplace_back(n);
        sines_and_cosines(x, 0.37, sine.back(), cosine.back(), tier);
        exponentials(x, 0.01, power.back(), tier);
        CHECK(sine.back() == sine.front());
        CHECK(cosine.back() == cosine.front());
        CHECK(power.back() == power.front());
    }
    for (std::size_t i = 0; i < n; ++i) {
        CHECK(std::abs(sine[0][i] - std::sin(0.37 * x[i])) < 4e-16);
        CHECK(std::abs(cosine[0][i] - std::cos(0.37 * x[i])) < 4e-16);
        if (std::abs(0.01 * x[i]) < 700) CHECK(std::abs(power[0][i] / std::exp(0.01 * x[i]) - 1) < 1e-15);
    }
    CHECK(power[0].back() == doctest::Approx(std::exp(700.0)).scale(0)); // 1e3 is taken for 700
}

TEST_CASE("blocks are spread with their weights, neighbours that begin at the same block too") {
    constexpr std::size_t taps = 7, points = 50;
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < points; ++i) first.push_back(i % 13 == 0 ? 3 : i / 3);
    auto const weight = drawn(points * taps, 1, seed);
    for (std::size_t const width : {lanes, most_lanes}) {
        auto const values = drawn(points * width, 1, seed + 1);
        std::vector<double> expected(30 * width, 0.25);
        for (std::size_t i = 0; i < points; ++i)
            for (std::size_t t = 0; t < taps; ++t)
                for (std::size_t k = 0; k < width; ++k)
                    expected[(first[i] + t) * width + k] += weight[i * taps + t] * values[i * width + k];
        for (CpuTier const tier : tiers_here()) {
            std::vector<double> out(30 * width, 0.25);
            spread_blocks(width, values, first, weight, taps, out, tier);
            CHECK(out == expected); // the same sums in the same order
        }
    }
}

TEST_CASE("products and quadratic forms of rows are their sums in order, whatever the number of columns") {
    constexpr std::size_t rows = 5, inner = 131;
    for (std::size_t const columns : {1u, 9u, 32u, 75u}) {
        auto const factor = drawn(rows * inner, 1, seed), in = drawn(inner * columns, 1, seed + 1);
        std::vector<double> product(rows * columns, 0.0), form(columns, 0.5);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t c = 0; c < columns; ++c)
                for (std::size_t j = 0; j < inner; ++j) product[i * columns + c] += factor[i * inner + j] * in[j * columns + c];
        auto const lower = drawn(rows * rows, 1, seed + 2);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t c = 0; c < columns; ++c) {
                double sum = 0;
                for (std::size_t j = 0; j <= i; ++j) sum += lower[i * rows + j] * product[j * columns + c];
                form[c] += sum * product[i * columns + c];
            }
        for (CpuTier const tier : tiers_here()) {
            std::vector<double> out(rows * columns), forms(columns, 0.5);
            multiply_rows({factor, inner}, {in, columns}, out, tier);
            CHECK(out == product);
            add_quadratic_forms({lower, rows}, {product, columns}, forms, tier);
            CHECK(forms == form);
        }
    }
}
