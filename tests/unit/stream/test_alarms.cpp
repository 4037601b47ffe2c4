// Alarms stay until their cause has gone and somebody has taken note, in whichever order.
#include "pipeline/stream/alarms.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sqd;

TEST_CASE("an alarm whose cause has gone stays listed until it is acknowledged") {
    AlarmBoard board;
    CHECK(board.raise("disk", "full", 7));
    CHECK_FALSE(board.raise("disk", "still full", 8)); // no news
    board.clear("disk");
    REQUIRE(board.current().size() == 1);
    Alarm const alarm = board.current().front();
    CHECK_FALSE(alarm.active);
    CHECK(alarm.message == "still full");
    CHECK(alarm.since_ns == 7);
    CHECK(alarm.count == 2);
    CHECK(board.acknowledge("disk"));
    CHECK(board.current().empty());
    CHECK_FALSE(board.acknowledge("disk"));
}

TEST_CASE("an active alarm that is acknowledged stays, is no news when it comes again, and leaves with its cause") {
    AlarmBoard board;
    board.raise("lag", "late", 1);
    CHECK(board.acknowledge("lag"));
    REQUIRE(board.current().size() == 1);
    CHECK(board.current().front().active);
    CHECK(board.current().front().acknowledged);
    CHECK_FALSE(board.raise("lag", "later", 2));
    CHECK(board.current().front().acknowledged);
    board.clear("lag");
    CHECK(board.current().empty());
    CHECK(board.raise("lag", "again", 3)); // and this is
    CHECK_FALSE(board.current().front().acknowledged);
}

TEST_CASE("an alarm that comes back before anybody took note is news, and one entry") {
    AlarmBoard board;
    board.raise("lag", "late", 1);
    board.clear("lag");
    CHECK(board.raise("lag", "late", 2));
    REQUIRE(board.current().size() == 1);
    CHECK(board.current().front().active);
    CHECK(board.current().front().count == 2);
    CHECK(board.current().front().since_ns == 1);
}

TEST_CASE("neither many names nor long sentences fill the memory") {
    AlarmBoard board;
    for (int i = 0; i < 1000; ++i) board.raise("alarm" + std::to_string(i), std::string(100'000, 'x'), i);
    auto const all = board.current();
    CHECK(all.size() == AlarmBoard::most_alarms + 1);
    bool other = false;
    for (Alarm const& alarm : all) {
        CHECK(alarm.message.size() <= AlarmBoard::longest_message);
        if (alarm.name == "other") other = alarm.count == 1000 - AlarmBoard::most_alarms;
    }
    CHECK(other);
}
