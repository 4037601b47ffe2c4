// What a client that does not read may cost.
#include "daemon/run/service.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("one subscriber holds 64 MB at most, or three finals where those are larger") {
    IntegrationConfig integration;
    auto const results = [&] { return static_cast<std::size_t>(client_bounds(integration).results) / 9; }; // messages of one result
    CHECK(results() == 8);
    integration.cake.emplace();
    integration.cake->npt_azim = 360;
    integration.npt = 1000;
    CHECK(results() == 7); // of 9 MB each
    CHECK(results() * (integration.npt * integration.cake->npt_azim * 24 + integration.npt * 256) <= std::size_t{64} << 20);
    integration.cake->npt_azim = 3600;
    CHECK(results() == 3);
    CHECK(client_bounds(integration).replies == 4);
}
