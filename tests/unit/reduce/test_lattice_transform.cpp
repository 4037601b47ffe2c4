// Transforms by sums on a lattice: against the sums written out, and errors against those that are worked out radius by radius.
#include "pipeline/reduce/band_limited.hpp"
#include "pipeline/reduce/even_interpolation.hpp"
#include "pipeline/reduce/g_errors.hpp"
#include "pipeline/reduce/lattice_sums.hpp"
#include "pipeline/reduce/lattice_transform.hpp"
#include "pipeline/reduce/low_r_basis.hpp"
#include "pipeline/reduce/sine_matrix.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

using namespace sqd;
using std::numbers::pi;

namespace {

constexpr unsigned seed = 20261201;

std::vector<double> uneven_q(std::size_t count, double high) {
    std::vector<double> q;
    for (std::size_t i = 0; i < count; ++i) q.push_back(high * std::pow(static_cast<double>(i) / static_cast<double>(count - 1), 1.3));
    return q;
}

std::vector<double> noise(std::size_t count, double size, std::mt19937_64& random) {
    std::normal_distribution<double> normal(0, size);
    std::vector<double> out(count);
    for (double& x : out) x = normal(random);
    return out;
}

double sum_of_sizes(std::vector<double> const& f) {
    double sum = 0;
    for (double const x : f) sum += std::abs(x);
    return sum;
}

// A curve with a scale that all points share, one parameter more, and a background.
StructureFactor linked(LowQ low_q, bool even) {
    test::VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.8, 20, 480);
    if (!even)
        for (double& q : sq.q_invA) q = 20 * std::sin(q / 20) / std::sin(1.0);
    sq.s = glass.s(sq.q_invA);
    sq.normalization.density_A3 = glass.density_A3;
    sq.normalization.low_q = name(low_q);
    std::mt19937_64 random(seed);
    SharedParameter scale, constant;
    for (std::size_t i = 0; i < sq.s.size(); ++i) {
        double const q = sq.q_invA[i];
        sq.s[i] *= 1 + 0.05 * std::exp(-q * q / 20); // something to clean
        sq.errors.sigma.push_back(0.002 + 0.0003 * q + 0.001 * std::uniform_real_distribution<double>()(random));
        sq.errors.background_sigma.push_back(0.001 + 0.0005 * std::uniform_real_distribution<double>()(random));
        sq.errors.direct.push_back(1 + 0.01 * q);
        scale.effect.push_back(sq.s[i]);
        scale.response.push_back(2e-5 * q * q);
        constant.effect.push_back(std::exp(-q / 5));
        constant.response.push_back(1e-3 * std::cos(q));
    }
    sq.errors.shared = {scale, constant};
    return sq;
}

} // namespace

TEST_CASE("sums of waves of uneven points are the sums written out, and small functions keep their digits beside large ones") {
    std::mt19937_64 random(seed);
    auto const q = uneven_q(700, 25);
    std::vector<std::vector<double>> functions;
    for (std::size_t k = 0; k < 37; ++k) functions.push_back(noise(q.size(), k % 2 == 0 ? 1e6 : 1e-6, random)); // more than one block
    constexpr double step = 0.05;
    LatticeSums::Roots roots;
    auto const sums = LatticeSums(q, step, 300)(functions, roots);
    REQUIRE(sums.size() == functions.size());
    for (std::size_t const k : {0u, 1u, 31u, 32u, 36u})
        for (std::size_t const m : {0u, 1u, 17u, 150u, 299u}) {
            double cosine = 0, sine = 0, r = step * static_cast<double>(m);
            for (std::size_t i = 0; i < q.size(); ++i) {
                cosine += functions[k][i] * std::cos(q[i] * r);
                sine += functions[k][i] * std::sin(q[i] * r);
            }
            double const good = 1e-13 * sum_of_sizes(functions[k]);
            CHECK(std::abs(sums[k].cosine[m] - cosine) < good);
            CHECK(std::abs(sums[k].sine[m] - sine) < good);
        }
}

TEST_CASE("what holds no wave beyond a limit is known between the points of a lattice") {
    for (double const phase : {0.3, 1.5, 2.4}) {
        LatticeInterpolation const between(phase);
        for (double const fraction : {0.0, 0.01, 0.5, 0.77}) {
            auto const weights = between.weights(fraction);
            REQUIRE(weights.size() == 2 * between.reach());
            for (double const wave : {0.0, 0.4 * phase, phase}) {
                double sum = 0;
                for (std::size_t t = 0; t < weights.size(); ++t)
                    sum += weights[t] * std::cos(wave * (static_cast<double>(t) + 1 - static_cast<double>(between.reach())) - 0.3);
                CHECK(std::abs(sum - std::cos(wave * fraction - 0.3)) < 1e-12);
            }
        }
    }
    CHECK(lattice_step(30, 0.01) == doctest::Approx(0.04).scale(0));
    CHECK(lattice_step(30, 0.1) == doctest::Approx(0.1 / 3).scale(0));
}

TEST_CASE("smooth even functions of q are what they are at few nodes, values and sums") {
    auto q = uneven_q(900, 28);
    double const reach = 2.3;
    EvenInterpolation const smooth(q, q.back(), reach);
    q[100] = smooth.nodes()[7];
    EvenInterpolation const on_a_node(q, q.back(), reach);
    CHECK(smooth.nodes().size() < 70);
    std::mt19937_64 random(seed);
    auto const f = noise(q.size(), 1, random);
    auto const n = static_cast<Eigen::Index>(q.size());
    for (double const r : {0.01, 1.1, 2.3}) {
        Eigen::VectorXd at_nodes(static_cast<Eigen::Index>(smooth.nodes().size()));
        for (std::size_t c = 0; c < smooth.nodes().size(); ++c)
            at_nodes[static_cast<Eigen::Index>(c)] = std::sin(smooth.nodes()[c] * r) / smooth.nodes()[c];
        auto const values = on_a_node.values(at_nodes);
        double sum = 0;
        for (std::size_t i = 0; i < q.size(); ++i) {
            double const exact = q[i] > 0 ? std::sin(q[i] * r) / q[i] : r;
            CHECK(std::abs(values[static_cast<Eigen::Index>(i)] - exact) < 1e-13);
            sum += f[i] * exact;
        }
        CHECK(std::abs(on_a_node.gather(Eigen::Map<Eigen::VectorXd const>(f.data(), n)).dot(at_nodes) - sum) < 1e-13 * sum_of_sizes(f));
    }
}

TEST_CASE("few radii stand for the integral over all below the cut") {
    constexpr double q_max = 25, cut = 2.1, step = 0.03;
    auto const basis = low_r_basis(q_max, band_limited_quadrature(q_max, 0, cut), cut, step);
    CHECK(basis.multiple.size() < 35);
    for (double const a : {0.0, 0.7, 11.3, 25.0})
        for (double const b : {0.2, 9.1, 24.9}) {
            double sum = 0;
            for (std::size_t m = 0; m < basis.multiple.size(); ++m)
                for (std::size_t n = 0; n < basis.multiple.size(); ++n)
                    sum += std::sin(a * step * static_cast<double>(basis.multiple[m])) *
                           basis.weight(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(n)) *
                           std::sin(b * step * static_cast<double>(basis.multiple[n]));
            double const exact = (std::sin((a - b) * cut) / (a - b) - std::sin((a + b) * cut) / (a + b)) / 2;
            CHECK(std::abs(sum - exact) < 1e-8);
        }
}

TEST_CASE("sigma of G on the lattice is that of rows, through scale, low q, cleaning, background and data beyond the transform") {
    for (bool const even : {true, false})
        for (LowQ const low_q : {LowQ::constant, LowQ::parabola, LowQ::none}) {
            auto const sq = linked(low_q, even);
            for (int const iterations : {0, 1, 3}) {
                PairDistributionConfig config{18, Window::lorch, 9, 0.02, 1.9, iterations};
                config.low_q = low_q;
                CAPTURE(even);
                CAPTURE(iterations);
                auto const made_of = spectrum(sq, config);
                std::vector<double> const radii{0.02, 0.5, 1.9, 2.82, 5.0, 8.98};
                auto const spreads = spread_of_g(made_of, radii);
                auto const all = covariance_of_g(made_of, radii);
                auto background = made_of;
                background.errors.sigma = made_of.errors.background_sigma;
                auto const of_air = covariance_of_g(background, radii);
                double const largest = std::sqrt(std::max(all(3, 3), all(5, 5)));
                for (std::size_t k = 0; k < radii.size(); ++k) {
                    CHECK(std::abs(spreads[k].sigma - std::sqrt(all(k, k))) < 1e-7 * largest);
                    CHECK(std::abs(spreads[k].background_sigma - std::sqrt(of_air(k, k))) < 1e-7 * largest);
                }
            }
        }
}

TEST_CASE("data that do not count may err by no one knows what, those that do make sigma unknown") {
    auto sq = linked(LowQ::none, true);
    sq.errors.shared.clear();
    PairDistributionConfig config{18, Window::lorch, 9, 0.02, 0, 0};
    config.low_q = LowQ::none;
    auto const beyond = sq.q_invA.size() - 1;
    sq.errors.sigma[beyond] = std::nan(""); // q_max of the transform is 18
    CHECK(std::isfinite(spread_of_g(spectrum(sq, config), {2.0})[0].sigma));
    sq.errors.sigma[100] = std::nan("");
    CHECK(std::isnan(spread_of_g(spectrum(sq, config), {2.0})[0].sigma));
}

TEST_CASE("the transform is the sum written out, on the radii that were asked for and between") {
    auto const q = uneven_q(600, 22);
    std::mt19937_64 random(seed);
    auto const kernel = noise(q.size(), 1, random), y = noise(q.size(), 1, random);
    std::vector<double> product;
    for (std::size_t i = 0; i < q.size(); ++i) product.push_back(kernel[i] * y[i]);
    std::vector<double> const radii{0.01, 0.02, 1.234, 7.77, 15.0};
    for (double const step : {0.01, 0.07, 0.5}) {
        auto const x = sine_transform({q, kernel, step}, y, radii);
        for (std::size_t k = 0; k < radii.size(); ++k) {
            double sum = 0;
            for (std::size_t i = 0; i < q.size(); ++i) sum += product[i] * std::sin(q[i] * radii[k]);
            CHECK(std::abs(x[k] - sum) < 1e-12 * sum_of_sizes(product));
        }
    }
}
