// Flags in words: the table of the program is that of the page, and every shape of a flag finds its row.
#include "daemon/flag_words.hpp"
#include "tests/support/source_root.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace sqd;

TEST_CASE("the rows are those of pipeline/README.md, word by word") {
    std::ifstream page(test::source_root() / "pipeline" / "README.md");
    REQUIRE(page);
    std::vector<std::string> expected, found;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) inside = line == "## Flags of a result";
        if (inside && line.starts_with("| ") && !line.starts_with("| flag")) expected.push_back(line);
    }
    for (auto const& row : flag_rows()) found.push_back("| " + std::string(row.flags) + " | " + row.means + " |");
    CHECK(expected.size() > 30);
    CHECK(found == expected);
}

TEST_CASE("a flag is found by its name, its beginning or its end") {
    CHECK(words_of_flag("no_frames") == "nothing to reduce");
    CHECK(words_of_flag("q_gap:3.00-4.00").starts_with("no values there"));
    CHECK(words_of_flag("ended_by_silence").starts_with("how, unless"));
    CHECK(words_of_flag("eta_right_at_bound").starts_with("the fit stands at a limit"));
    CHECK(words_of_flag("dark_of_other_exposure") == words_of_flag("dark_on_other_bins"));
    CHECK(words_of_flag("q_ga").empty());
    CHECK(words_of_flag("no such flag").empty());
    CHECK(flags_in_words({"no_frames", "strange"}) == std::vector<std::string>{"no_frames: nothing to reduce", "strange"});
}
