// The transform's grid and its sines.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/sine_transform.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace sqd;

namespace {

StructureFactor ramp(double low, double high, std::size_t count) {
    StructureFactor sq;
    sq.q_invA = test::bin_centres(low, high, count);
    for (double const q : sq.q_invA) sq.s.push_back(q);
    sq.s_sigma.assign(count, 0.1);
    return sq;
}

} // namespace

TEST_CASE("the grid begins at zero, keeps the step of the data and is constant below them") {
    auto const grid = transform_grid(ramp(0.5, 10.5, 1000), 100);
    CHECK(grid.q_invA.front() == 0);
    CHECK(grid.first_datum == 51); // 0 and 0.005 ... 0.495
    CHECK(grid.q_invA[grid.first_datum] == doctest::Approx(0.505));
    for (std::size_t i = 2; i < grid.q_invA.size(); ++i) CHECK(grid.q_invA[i] - grid.q_invA[i - 1] == doctest::Approx(0.01));
    for (std::size_t i = 0; i <= grid.first_datum; ++i) CHECK(grid.s[i] == grid.s[grid.first_datum]);
    double sum = 0;
    for (double const w : grid.weight) sum += w;
    CHECK(sum == doctest::Approx(grid.q_invA.back()));
}

TEST_CASE("below the data S is what was asked for, and sums over the grid are sums over the data") {
    auto sq = ramp(0.5, 10.5, 1000);
    for (std::size_t i = 0; i < sq.s.size(); ++i) sq.s[i] = 0.2 + 0.1 * sq.q_invA[i] * sq.q_invA[i];
    for (LowQ const low_q : {LowQ::constant, LowQ::linear, LowQ::parabola, LowQ::none}) {
        auto const grid = transform_grid(sq, 100, low_q);
        for (std::size_t i = 0; i < grid.first_datum; ++i) {
            double const q = grid.q_invA[i], first = sq.s[0];
            double const expected = low_q == LowQ::constant ? first : low_q == LowQ::linear ? first * q / 0.505 : 0.2 + 0.1 * q * q;
            CHECK(grid.s[i] == doctest::Approx(expected).epsilon(1e-9).scale(1e-3));
        }
        CHECK((grid.first_datum == 0) == (low_q == LowQ::none));
        std::vector<double> a;
        double sum = 0, folded = 0;
        for (std::size_t i = 0; i < grid.s.size(); ++i) {
            a.push_back(std::sin(static_cast<double>(i)));
            sum += a[i] * grid.s[i];
        }
        auto const of_data = fold(grid, a);
        REQUIRE(of_data.size() == sq.s.size());
        for (std::size_t j = 0; j < of_data.size(); ++j) folded += of_data[j] * sq.s[j];
        CHECK(folded == doctest::Approx(sum).epsilon(1e-12));
    }
}

TEST_CASE("the grid ends at q_max, and too few points are refused") {
    auto const sq = ramp(0.5, 10.5, 1000);
    CHECK(transform_grid(sq, 5.0).q_invA.back() == doctest::Approx(4.995));
    CHECK_THROWS_AS(transform_grid(sq, 0.55), DataError);
}

TEST_CASE("sines made by rotation stay sines over ten thousand steps") {
    std::vector<double> const q{0, 0.01, 2.62, 29.995};
    RotatingSines sines(q, 0.01);
    for (int step = 1; step <= 10000; ++step) {
        auto const& s = sines.advance();
        if (step % 1000 != 0) continue;
        for (std::size_t i = 0; i < q.size(); ++i) CHECK(s[i] == doctest::Approx(std::sin(q[i] * 0.01 * step)).epsilon(1e-10).scale(1));
    }
}
