#include "daemon/simulate/dialect.hpp"

#include "pipeline/core/errors.hpp"

#include <array>
#include <sstream>
#include <vector>

namespace sqd::simulated {

namespace {

using Encoding = Dialect::Encoding;

struct Word {
    char const* text;
    void (*say)(Dialect&);
};

void shuffled(Dialect& d, unsigned bits) {
    d.encoding = Encoding::bslz4;
    d.bits = bits;
}

std::vector<Word> const& words_table() {
    static std::vector<Word> const table{
        {"<", [](Dialect& d) { d.encoding = Encoding::raw; }},
        {"none", [](Dialect& d) { d.encoding = Encoding::raw; }},
        {"lz4<", [](Dialect& d) { d.encoding = Encoding::lz4; }},
        {"lz4", [](Dialect& d) { d.encoding = Encoding::lz4; }},
        {"bslz4", [](Dialect& d) { d.encoding = Encoding::bslz4; }},
        {"bs8-lz4<", [](Dialect& d) { shuffled(d, 8); }},
        {"bs16-lz4<", [](Dialect& d) { shuffled(d, 16); }},
        {"bs32-lz4<", [](Dialect& d) { shuffled(d, 32); }},
        {"8bit", [](Dialect& d) { d.bits = 8; }},
        {"16bit", [](Dialect& d) { d.bits = 16; }},
        {"32bit", [](Dialect& d) { d.bits = 32; }},
        {"header_none", [](Dialect& d) { d.header_detail = HeaderDetail::none; }},
        {"header_basic", [](Dialect& d) { d.header_detail = HeaderDetail::basic; }},
        {"header_all", [](Dialect& d) { d.header_detail = HeaderDetail::all; }},
        {"1.6", [](Dialect& d) { d.api = Stream1Dialect::api_1_6; }},
        {"1.8", [](Dialect& d) { d.api = Stream1Dialect::api_1_8; }},
        {"cbf", [](Dialect& d) { d.cbf = true; }},
        {"raw", [](Dialect& d) { d.cbf = false; }},
    };
    return table;
}

void say(Dialect& dialect, std::string const& word) {
    std::string known;
    for (auto const& entry : words_table()) {
        if (word == entry.text) return entry.say(dialect);
        known += (known.empty() ? "" : ", ") + std::string(entry.text);
    }
    throw DataError("dialect '" + word + "' is not understood (known: " + known + ") separate several by commas");
}

} // namespace

Dialect spoken(Dialect dialect, std::string const& words) {
    std::istringstream items(words);
    for (std::string word; std::getline(items, word, ',');) say(dialect, word);
    return dialect;
}

Dialect changed(Dialect dialect) {
    dialect.encoding = dialect.encoding == Encoding::lz4 ? Encoding::bslz4 : Encoding::lz4;
    dialect.bits = dialect.bits == 16 ? 32 : 16;
    dialect.header_detail = dialect.header_detail == HeaderDetail::basic ? HeaderDetail::all : HeaderDetail::basic;
    dialect.api = dialect.api == Stream1Dialect::api_1_6 ? Stream1Dialect::api_1_8 : Stream1Dialect::api_1_6;
    dialect.cbf = !dialect.cbf.value_or(true);
    return dialect;
}

std::string text_of(Dialect const& dialect) {
    static constexpr std::array encodings{"bslz4", "lz4", "none"}, details{"header_none", "header_basic", "header_all"};
    std::string text = encodings[static_cast<std::size_t>(dialect.encoding)];
    text.append(",").append(std::to_string(dialect.bits)).append("bit,").append(details[static_cast<std::size_t>(dialect.header_detail)]);
    text.append(dialect.api == Stream1Dialect::api_1_6 ? ",1.6" : ",1.8");
    if (dialect.cbf) text.append(*dialect.cbf ? ",cbf" : ",raw");
    return text;
}

} // namespace sqd::simulated
