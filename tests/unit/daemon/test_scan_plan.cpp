// What the simulator plans to play.
#include "daemon/simulate/scan_plan.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/stream/announcement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace sqd;
using namespace sqd::simulated;

TEST_CASE("series are played in the order asked for, numbered and named") {
    auto const scans = plan_scans(parse_scan_requests("background:4,sample:12,sample:5"), MapGrid{3, 4, {}, false}, "vit4", 7);
    REQUIRE(scans.size() == 3);
    CHECK(scans[0].name == "vit4_air");
    CHECK(scans[1].name == "vit4");
    CHECK(scans[2].name == "vit4_2");
    CHECK(scans[0].series_id == 7);
    CHECK(scans[2].series_id == 9);
    CHECK(scans[1].grid.has_value());
    CHECK_FALSE(scans[2].grid.has_value()); // five frames do not fill the map
    CHECK(std::none_of(scans[0].on_sample.begin(), scans[0].on_sample.end(), [](bool on) { return on; }));
    CHECK(std::all_of(scans[2].on_sample.begin(), scans[2].on_sample.end(), [](bool on) { return on; }));
}

TEST_CASE("a map has points beside the ribbon at both ends of its lines, and its edges slant") {
    auto const scans = plan_scans(parse_scan_requests("sample:1800"), MapGrid{30, 60, {}, false}, "x", 1);
    auto const& on = scans.at(0).on_sample;
    REQUIRE(on.size() == 1800);
    auto const first_on = [&](std::size_t line) {
        return std::find(on.begin() + static_cast<long>(60 * line), on.end(), true) - on.begin() - static_cast<long>(60 * line);
    };
    for (std::size_t line = 0; line < 30; ++line) {
        CHECK_FALSE(on[60 * line]);
        CHECK_FALSE(on[60 * line + 59]);
        CHECK(on[60 * line + 30]);
    }
    CHECK(first_on(29) > first_on(0));
}

TEST_CASE("a snake map is the same ribbon, every second line walked backwards") {
    auto const requests = parse_scan_requests("sample:1800");
    auto const plain = plan_scans(requests, MapGrid{30, 60, {}, false}, "x", 1)[0].on_sample;
    auto const snake = plan_scans(requests, MapGrid{30, 60, {}, true}, "x", 1)[0].on_sample;
    for (std::size_t line = 0; line < 30; ++line)
        for (std::size_t col = 0; col < 60; ++col) CHECK(snake[60 * line + (line % 2 ? 59 - col : col)] == plain[60 * line + col]);
}

TEST_CASE("what is announced is what the daemon understands") {
    auto const scan = plan_scans(parse_scan_requests("sample:12"), MapGrid{3, 4, {5, 5}, true}, "vit4", 1).at(0);
    auto const said = parse_announcement(announcement_json(scan), true);
    CHECK(said.role == Role::sample);
    CHECK(said.name == "vit4");
    CHECK(said.mount == "m1");
    CHECK(said.points == 12);
    CHECK(said.grid == MapGrid{3, 4, {5, 5}, true});
}

TEST_CASE("requests that are not understood are refused") {
    for (auto const* const text :
         {"", "sample", "sample:", "sample:0", "sample:-3", "sample:1e3", "glass:5", "dark:5", "sample:5,,", "sample:5;"}) {
        CAPTURE(std::string(text));
        CHECK_THROWS_AS(parse_scan_requests(text), DataError);
    }
    for (auto const* const text : {"", "30", "30x", "x60", "30x0", "30 x 60", "axb"}) {
        CAPTURE(std::string(text));
        CHECK_THROWS_AS(parse_grid(text), DataError);
    }
}
