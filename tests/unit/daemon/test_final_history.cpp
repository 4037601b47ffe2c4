// What was published and can be asked for again, also of before a restart.
#include "daemon/run/final_history.hpp"
#include "tests/support/journal_bench.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("the history holds what was published, newest first, also of before a restart, and no more than its bounds") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path());
        for (int i = 0; i < 70; ++i) append_final(journal, some_final(std::to_string(i)));
    }
    Journal const journal(directory.path());
    FinalHistory history;
    CHECK(history.remember_from(journal, read_contents(journal)) == 0);
    REQUIRE(history.list().size() == FinalHistory::most_finals);
    CHECK(history.list().front().meta.key.uid == "69");
    CHECK(same(*history.find("42")->messages, *some_final("42").messages));
    CHECK(history.find("glass_42")->meta.key.uid == "42"); // by its id
    CHECK_FALSE(history.find("3"));
    auto big = some_final("big");
    auto messages = std::make_shared<std::vector<WireMessage>>(*big.messages);
    messages->front().arrays.push_back(std::string(FinalHistory::most_bytes + 1, 'x'));
    history.remember({big.meta, messages});
    CHECK(history.list().size() == 1); // the newest stays whatever it takes
    history.remember({some_final("v", 1).meta, some_final("v", 1).messages});
    history.remember({some_final("v", 2).meta, some_final("v", 2).messages});
    CHECK(history.list().size() == 2);
    CHECK(history.find("v")->meta.key.result == 2);
    CHECK(history.find("v", 1)->meta.key.result == 1);
    CHECK_FALSE(history.find("v", 3));
}
