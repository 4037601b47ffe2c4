// Configurations that are wrong in one place, and what is said of them.
#pragma once

#include "tests/unit/config/config_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace sqd::test {

/// Replace `from` by `to`; the message must name `key`, stand on the line that has `line_of`, and have all `words`.
struct Wrong {
    char const* from;
    char const* to;
    char const* key;
    char const* line_of; ///< null = no line known (0)
    std::vector<std::string> words;
};

inline std::size_t line_number(std::string const& text, std::string const& part) {
    auto const at = text.find(part);
    if (at == std::string::npos) throw std::logic_error("the test's text has no '" + part + "'");
    return static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
}

/// Every way to be wrong has a message with file, line, key, the problem and a way out.
inline void check_all(std::vector<Wrong> const& table) {
    Folder const folder;
    folder.write("7x3.txt", text_mask(7, 3, 0, 0));
    for (auto const& wrong : table) {
        auto const text = replaced(yaml, wrong.from, wrong.to);
        auto const said = complaint(folder, text);
        CAPTURE(std::string(wrong.to));
        CAPTURE(said);
        auto const known_line = wrong.line_of != nullptr ? std::to_string(line_number(text, wrong.line_of)) : std::string{};
        auto const start = folder.file("test.yaml") + ':';
        CHECK(said.starts_with(start + known_line));
        CHECK(said.find(": " + std::string(wrong.key) + ": ") != std::string::npos);
        if (wrong.line_of != nullptr) CHECK(said.starts_with(start + known_line + ": " + wrong.key + ": "));
        for (auto const& word : wrong.words) CHECK_MESSAGE(said.find(word) != std::string::npos, word);
        auto const why = said.find(" (", start.size());
        CHECK(why != std::string::npos);                  // (why)
        CHECK(said.find(") ", why) != std::string::npos); // and a suggestion after it
        CHECK(said.find_last_not_of(' ') != said.find_last_of(')'));
    }
}

} // namespace sqd::test
