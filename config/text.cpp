// Words and numbers for echo and messages.
#include "config/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <regex>

namespace sqd {

namespace {

/// Levenshtein distance.
std::size_t edit_distance(std::string const& a, std::string const& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string render(double value) {
    std::array<char, 32> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string render(std::string const& text) {
    static std::regex const plain("[A-Za-z][A-Za-z0-9_.^/()-]*");
    static std::array<std::string, 3> const nulls{"null", "Null", "NULL"};
    if (std::regex_match(text, plain) && std::find(nulls.begin(), nulls.end(), text) == nulls.end()) return text;
    std::string quoted = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (auto const byte = static_cast<unsigned char>(c); byte < 0x20) {
            quoted += {'\\', 'x', byte < 0x10 ? '0' : '1', "0123456789abcdef"[byte % 16]};
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string nearest_name(std::string const& word, std::vector<std::string> const& known) {
    std::string best;
    auto best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (auto const& name : known) {
        if (auto const distance = edit_distance(word, name); distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string join_or(std::vector<std::string> const& names) {
    std::string joined;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) joined += i + 1 == names.size() ? " or " : ", ";
        joined += names[i];
    }
    return joined;
}

} // namespace sqd
