// Names of roles and result states.
#include "pipeline/core/results.hpp"
#include "pipeline/core/scan.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("every role is read back from its name, and nothing else is") {
    for (Role const role : {Role::sample, Role::background, Role::dark, Role::calibrant}) CHECK(parse_role(name(role)) == role);
    CHECK(name(Role::background) == "background");
    CHECK_FALSE(parse_role("Sample").has_value());
    CHECK_FALSE(parse_role("unknown").has_value());
    CHECK_FALSE(parse_role("").has_value());
}

TEST_CASE("result states have the names of the protocol") {
    CHECK(name(ResultState::partial) == "partial");
    CHECK(name(ResultState::final) == "final");
    CHECK(name(ResultState::aborted) == "aborted");
}
