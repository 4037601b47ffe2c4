// What is kept of atoms for bins that are reduced again: the same numbers, and never those of other bins or atoms.
#include "pipeline/reduce/atomic_terms.hpp"
#include "pipeline/reduce/systematics.hpp"
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a result is the same to the bit with the atoms worked out before, be they the right ones or others") {
    auto config = ribbon_station();
    config.uncertainty.systematics = true;
    config.energy_sigma_keV = 0.01;
    RibbonCounts const expected(config, 1);
    auto const pattern = counted(expected.q, expected.glass, exactly);
    auto const plain = reduce_pattern(pattern, nullptr, false, config);
    REQUIRE(plain.sq);
    auto const& q = plain.sq->q_invA;
    auto other_sample = config;
    other_sample.sample.composition = parse_composition("LaB6");
    auto const right = atomic_terms(q, config), of_others = atomic_terms(q, other_sample), elsewhere = atomic_terms({1, 2, 3}, config);
    CHECK(same_atoms(right, q, config));
    for (auto const& terms : {right, of_others, elsewhere}) {
        auto with = config;
        with.atoms = std::make_shared<AtomicTerms const>(terms);
        auto const again = reduce_pattern(pattern, nullptr, false, with);
        CHECK(again.sq->s == plain.sq->s);
        CHECK(again.sq->s_sigma == plain.sq->s_sigma);
        CHECK(again.fsdp->q1 == plain.fsdp->q1);
        REQUIRE(again.systematics.size() == plain.systematics.size());
        for (std::size_t i = 0; i < plain.systematics.size(); ++i) CHECK(again.systematics[i].s == plain.systematics[i].s);
    }
}

TEST_CASE("atoms serve another recipe only where it asks for the same") {
    auto const config = ribbon_station();
    std::vector<double> const q{0.5, 1, 2, 4};
    auto const terms = atomic_terms(q, config);
    std::vector<std::function<void(ReductionConfig&)>> const changes{
        [](auto& c) { c.sample.composition = parse_composition("Cu"); },
        [](auto& c) { c.energy_keV = 14; },
        [](auto& c) { c.structure_factor->anomalous = false; },
        [](auto& c) { c.structure_factor->form_factors = FormFactorTable::xraylib; },
    };
    for (auto const& change : changes) {
        auto other = config;
        change(other);
        CHECK_FALSE(same_atoms(terms, q, other));
    }
    CHECK_FALSE(same_atoms(terms, {0.5, 1, 2, 4.001}, config));
    auto without = config;
    without.structure_factor->compton = false;
    CHECK(same_atoms(terms, q, without)); // more than is asked for
    CHECK_FALSE(same_atoms(atomic_terms(q, without), q, config));
}
