// Which finished backgrounds are listed.
#include "daemon/run/background_board.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace sqd;

TEST_CASE("of finished backgrounds the newest are listed, and those that are configured or chosen") {
    BackgroundBoard board({BackgroundUse::scan_id, "air0"});
    for (std::size_t i = 0; i < BackgroundBoard::most_listed; ++i) board.finished({"uid" + std::to_string(i), "air" + std::to_string(i)});
    REQUIRE(board.choose_finished("uid1"));
    for (char const* more : {"m", "n"}) board.finished({std::string("uid") + more, more});
    auto const listed = board.list();
    CHECK(listed.size() == BackgroundBoard::most_listed);
    auto const has = [&](std::string const& id) { return std::ranges::find(listed, id, &FinishedBackground::id) != listed.end(); };
    for (char const* id : {"air0", "air1", "air4", "m", "n"}) CHECK_MESSAGE(has(id), id);
    for (char const* id : {"air2", "air3"}) CHECK_FALSE_MESSAGE(has(id), id);
    REQUIRE(board.in_use());
    CHECK(board.in_use()->uid == "uid1");
    board.choose({});
    CHECK(board.in_use()->uid == "uid0");
}
