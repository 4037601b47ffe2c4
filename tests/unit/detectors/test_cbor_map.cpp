// Maps whose values are asked for by name, and CBOR rendered as JSON.
#include "detectors/codec/cbor_json.hpp"
#include "detectors/codec/cbor_map.hpp"
#include "tests/unit/detectors/cbor_bytes.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using test::from_hex;

namespace {

CborMap map_of(test::Bytes const& bytes) {
    cbor::Reader reader(bytes);
    return CborMap(reader);
}

std::optional<std::string> json_of(char const* hex) {
    auto const bytes = from_hex(hex);
    return json_text_of(cbor::Reader(bytes));
}

} // namespace

TEST_CASE("values are found by name, whatever their order; null and absent are alike") {
    auto const bytes =
        from_hex("a6 6162 f97e00 6161 c0 6178 6163 f6 01 02 6164 f94900 6165 c1 f7"); // b: NaN, a: tag 0 "x", c: null, d: 10.0
    auto const map = map_of(bytes);
    CHECK(map.find_text("a") == "x");
    CHECK_FALSE(map.find("c"));
    CHECK_FALSE(map.find("e"));
    CHECK_FALSE(map.find("z"));
    CHECK(map.find_unsigned("d") == 10);
    CHECK(map.find_number("d") == 10);
    CHECK_FALSE(map.find_number("b")); // not finite
    CHECK_FALSE(map.find_unsigned("b"));
    CHECK(map.names() == std::vector<std::string>{"b", "a", "d"});
}

TEST_CASE("a value of another kind than asked for counts as absent") {
    auto const bytes = from_hex("a5 6161 01 6162 20 6163 61ff 6164 f93e00 6165 7f6161ff"); // 1, -1, no UTF-8, 1.5, text in pieces
    auto const map = map_of(bytes);
    CHECK_FALSE(map.find_text("a"));
    CHECK(map.find_boolean("a") == true);
    CHECK_FALSE(map.find_unsigned("b"));
    CHECK(map.find_number("b") == -1);
    CHECK_FALSE(map.find_text("c"));
    CHECK_FALSE(map.find_unsigned("d"));
    CHECK_FALSE(map.find_boolean("d"));
    CHECK_FALSE(map.find_text("e"));
    CHECK(map.find_map("a").names().empty());
}

TEST_CASE("a map with a name twice, with too many names, or that is none, is refused") {
    auto const twice = from_hex("a2 616101 616102"), none = from_hex("80");
    CHECK(test::fault_of([&] { map_of(twice); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { map_of(none); }) == DecodeFault::malformed);
    auto many = test::cbor_head(5, CborMap::max_entries + 1);
    for (std::size_t i = 0; i <= CborMap::max_entries; ++i) many = test::joined({many, test::cbor_text(std::to_string(i)), from_hex("00")});
    CHECK(test::fault_of([&] { map_of(many); }) == DecodeFault::oversized);
}

TEST_CASE("text that is too long to be a name of anything is absent") {
    auto const bytes = test::joined({test::cbor_head(5, 1), test::cbor_text("a"), test::cbor_text(std::string(5000, 'x'))});
    CHECK_FALSE(map_of(bytes).find_text("a"));
    CHECK(map_of(bytes).find("a"));
}

TEST_CASE("CBOR becomes JSON where JSON has a form for it") {
    CHECK(json_of("8201 64f09f9299") == "[1,\"\U0001F499\"]"); // what a detector's manual sends as user data
    CHECK(json_of("bf6161 9f20f5ff 6162 f6ff") == R"({"a":[-1,true],"b":null})");
    CHECK(json_of("c11a514b67b0") == "1363896240");
    CHECK(json_of("fb3ff199999999999a") == "1.1");
    CHECK(json_of("f97c00") == "null");
    CHECK(json_of("62220a") == "\"\\\"\\n\"");
    CHECK(json_of("1bffffffffffffffff") == "18446744073709551615");
    CHECK_FALSE(json_of("4101"));
    CHECK_FALSE(json_of("a10102"));
    CHECK_FALSE(json_of("8161ff"));
    CHECK_FALSE(json_of("820161"));
}
