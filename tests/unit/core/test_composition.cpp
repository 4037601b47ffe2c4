// Chemical formulas: what people write, and what must be refused.
#include "pipeline/core/composition.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/waasmaier_kirfel.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <string>

using namespace sqd;

TEST_CASE("an alloy in atomic percent keeps its fractions and its order") {
    auto const vit4 = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    REQUIRE(vit4.elements.size() == 5);
    CHECK(vit4.written_sum == doctest::Approx(100.0));
    CHECK(vit4.elements[0] == ElementFraction{40, "Zr", 46.8 / vit4.written_sum});
    CHECK(vit4.elements[4].z == 4);
    CHECK(vit4.elements[4].fraction == doctest::Approx(0.275));
}

TEST_CASE("fractions sum to one whatever was written") {
    for (char const* text : {"LaB6", "SiO2", "Ce70Al10Ni10Cu10", "(Zr0.6Cu0.4)90Al10", "Mg2 SiO4"}) {
        auto const c = parse_composition(text);
        double sum = 0;
        for (auto const& e : c.elements) sum += e.fraction;
        CHECK(sum == doctest::Approx(1.0).epsilon(1e-14));
    }
}

TEST_CASE("brackets multiply, also within brackets") {
    auto const c = parse_composition("(Zr0.6Cu0.4)90Al10");
    REQUIRE(c.elements.size() == 3);
    CHECK(c.elements[0].fraction == doctest::Approx(0.54));
    CHECK(c.elements[1].fraction == doctest::Approx(0.36));
    CHECK(c.written_sum == doctest::Approx(100.0));
    CHECK(parse_composition("((FeO)2C)3").elements[0].fraction == doctest::Approx(6.0 / 15.0));
}

TEST_CASE("amounts that were meant as parts of a whole and do not make one are told from formulas") {
    auto const slip = parse_composition("Zr46.8Ti18.2Cu7.5Ni10Be27.5");
    CHECK(is_off_whole(slip));
    CHECK(sum_text(slip) == "110");
    CHECK(slip.elements[0].fraction == doctest::Approx(0.468 / 1.1));
    for (char const* text : {"Zr47Ti18Cu8Ni10Be27", "Zr50Cu49.9", "Zr0.468Ti0.182Cu0.075Ni0.1Be0.275"})
        CHECK(is_off_whole(parse_composition(text)));
    for (char const* text : {"LaB6", "Mg2SiO4", "Ce70Al10Ni10Cu10", "Zr46.8Ti8.2Cu7.5Ni10Be27.5", "(Zr0.6Cu0.4)90Al10", "Zr0.6Cu0.4", "Zr",
                             "Fe0.95O", "La0.7Sr0.3MnO3", "C22H10N2O5", "Y3Al5O12", "Zr33.33Cu33.33Al33.33"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(is_off_whole(parse_composition(text)));
    }
}

TEST_CASE("an element named twice is one element") {
    auto const c = parse_composition("CH3CH2OH");
    REQUIRE(c.elements.size() == 3);
    CHECK(c.elements[0].symbol == "C");
    CHECK(c.elements[1].fraction == doctest::Approx(6.0 / 9.0));
}

TEST_CASE("two letters win over one where both are elements") {
    CHECK(parse_composition("Co").elements.size() == 1);
    CHECK(parse_composition("CO").elements.size() == 2);
}

TEST_CASE("what is not a formula is refused and the place is named") {
    for (char const* text : {"", " ", "Zr-5", "zr", "Zr(", "Zr)", "()", "Xx3", "Zr0", "Zr1e5", "Zr.", "5Zr", "Zr46,8", "ZrCu\xff"}) {
        CAPTURE(std::string(text));
        CHECK_THROWS_AS(parse_composition(text), DataError);
    }
    CHECK_THROWS_WITH_AS(parse_composition("ZrQ2"), doctest::Contains("character 3"), DataError);
    CHECK_THROWS_AS(parse_composition(std::string(100000, '(')), DataError);
}

TEST_CASE("symbols and atomic numbers agree") {
    CHECK(atomic_number("H") == 1);
    CHECK(atomic_number("Zr") == 40);
    CHECK(atomic_number("Cf") == 98);
    CHECK(atomic_number("") == 0);
    CHECK(atomic_number("zr") == 0);
}

TEST_CASE("a neutral atom scatters with all its electrons in the forward direction") {
    for (int z = 1; z <= waasmaier_kirfel_max_z; ++z) {
        auto const& row = waasmaier_kirfel(z);
        CAPTURE(z);
        // the fit is good to about 0.1 electrons of the tabulated values, and the tables end at Z electrons
        CHECK(std::accumulate(row.a.begin(), row.a.end(), row.c) == doctest::Approx(z).epsilon(0.012));
    }
    CHECK_THROWS_AS(waasmaier_kirfel(0), DataError);
    CHECK_THROWS_AS(waasmaier_kirfel(99), DataError);
}
