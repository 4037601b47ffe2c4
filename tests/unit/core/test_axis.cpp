// Axis: edges, centres, and what it refuses.
#include "pipeline/core/axis.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace sqd;

TEST_CASE("a uniform axis ends exactly where it was asked to and its centres lie halfway") {
    Axis const axis = Axis::uniform(0.1, 0.7, 3);
    REQUIRE(axis.size() == 3);
    CHECK(axis.edges().front() == 0.1);
    CHECK(axis.edges().back() == 0.7);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(axis.centres()[i] == doctest::Approx(0.2 + 0.2 * static_cast<double>(i)).epsilon(1e-15));
        CHECK(axis.centres()[i] == 0.5 * (axis.edges()[i] + axis.edges()[i + 1]));
    }
}

TEST_CASE("edges that do not increase, are not finite or hold no bin are refused") {
    double const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(Axis(std::vector<double>{}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{1}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{1, 1}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{1, 2, 1.5}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{0, nan}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{nan, 0}), DataError);
    CHECK_THROWS_AS(Axis(std::vector<double>{0, infinity}), DataError);
    CHECK_THROWS_AS(Axis::uniform(0, 1, 0), DataError);
    CHECK_THROWS_AS(Axis::uniform(1, 0, 5), DataError);
}

TEST_CASE("units are named as pyFAI names them") {
    CHECK(name(RadialUnit::q_invA) == "q_A^-1");
    CHECK(name(RadialUnit::q_invnm) == "q_nm^-1");
    CHECK(name(RadialUnit::two_theta_deg) == "2th_deg");
    CHECK(name(RadialUnit::two_theta_rad) == "2th_rad");
    CHECK(name(RadialUnit::r_mm) == "r_mm");
}
