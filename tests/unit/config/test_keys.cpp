// The table in config/README.md is the key table.
#include "config/keys.hpp"

#include "config_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace sqd;
using namespace sqd::test;

TEST_CASE("config/README.md lists every key as the program knows it") {
    std::vector<std::string> expected, found;
    for (auto const& row : config_keys()) {
        expected.push_back(
            "| `" + row.key + "` | " + row.type + " | " +
            (row.default_value.starts_with("(") || row.default_value == "required" ? row.default_value : '`' + row.default_value + '`') +
            " | " + row.meaning + " |");
    }
    std::istringstream readme(read_text(source_folder() / "config" / "README.md"));
    for (std::string line; std::getline(readme, line);) {
        if (line.starts_with("| `")) found.push_back(line);
    }
    std::string table;
    for (auto const& line : expected) table += line + '\n';
    INFO("the table should read:\n", table);
    CHECK(found == expected);
}

TEST_CASE("keys are unique, and a key with keys below it can be none") {
    auto const keys = config_keys();
    for (auto const& row : keys) {
        CHECK(std::count_if(keys.begin(), keys.end(), [&](KeyDoc const& other) { return other.key == row.key; }) == 1);
        CHECK(is_section(row.key) == (row.type == "section or none"));
    }
    CHECK(find_key("beam.energy_keV") != nullptr);
    CHECK(find_key("beam") == nullptr);
}
