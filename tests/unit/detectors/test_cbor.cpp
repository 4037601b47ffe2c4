// The CBOR parser against the examples of RFC 8949, and against bytes that lie.
#include "detectors/codec/cbor.hpp"
#include "tests/unit/detectors/cbor_bytes.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace sqd;
using cbor::Kind;
using cbor::Reader;
using test::from_hex;

namespace {

std::optional<DecodeFault> fault_of_skip(test::Bytes const& bytes) {
    return test::fault_of([&] { Reader(bytes).skip(); });
}
std::optional<DecodeFault> fault_of_skip(char const* hex) {
    return fault_of_skip(from_hex(hex));
}

double number(char const* hex) {
    auto const bytes = from_hex(hex);
    Reader reader(bytes);
    double const value = reader.read_number();
    CHECK(reader.at_end());
    return value;
}

std::string text(char const* hex) {
    auto const bytes = from_hex(hex);
    return std::string(Reader(bytes).read_text());
}

/// Every example of appendix A of RFC 8949, numbers first.
char const* const examples[] = {"00",
                                "01",
                                "0a",
                                "17",
                                "1818",
                                "1819",
                                "1864",
                                "1903e8",
                                "1a000f4240",
                                "1b000000e8d4a51000",
                                "1bffffffffffffffff",
                                "c249010000000000000000",
                                "3bffffffffffffffff",
                                "c349010000000000000000",
                                "20",
                                "29",
                                "3863",
                                "3903e7",
                                "f90000",
                                "f98000",
                                "f93c00",
                                "fb3ff199999999999a",
                                "f93e00",
                                "f97bff",
                                "fa47c35000",
                                "fa7f7fffff",
                                "fb7e37e43c8800759c",
                                "f90001",
                                "f90400",
                                "f9c400",
                                "fbc010666666666666",
                                "f97c00",
                                "f97e00",
                                "f9fc00",
                                "fa7f800000",
                                "fa7fc00000",
                                "faff800000",
                                "fb7ff0000000000000",
                                "fb7ff8000000000000",
                                "fbfff0000000000000",
                                "f4",
                                "f5",
                                "f6",
                                "f7",
                                "f0",
                                "f8ff",
                                "c074323031332d30332d32315432303a30343a30305a",
                                "c11a514b67b0",
                                "c1fb41d452d9ec200000",
                                "d74401020304",
                                "d818456449455446",
                                "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                                "40",
                                "4401020304",
                                "60",
                                "6161",
                                "6449455446",
                                "62225c",
                                "62c3bc",
                                "63e6b0b4",
                                "64f0908591",
                                "80",
                                "83010203",
                                "8301820203820405",
                                "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                                "a0",
                                "a201020304",
                                "a26161016162820203",
                                "826161a161626163",
                                "a56161614161626142616361436164614461656145",
                                "5f42010243030405ff",
                                "7f657374726561646d696e67ff",
                                "9fff",
                                "9f018202039f0405ffff",
                                "9f01820203820405ff",
                                "83018202039f0405ff",
                                "83019f0203ff820405",
                                "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
                                "bf61610161629f0203ffff",
                                "826161bf61626163ff",
                                "bf6346756ef563416d7421ff"};

} // namespace

TEST_CASE("every example of RFC 8949 is passed over to its last byte, and cut short anywhere it is truncated") {
    for (auto const* const hex : examples) {
        CAPTURE(hex);
        auto const bytes = from_hex(hex);
        Reader reader(bytes);
        reader.skip();
        CHECK(reader.at_end());
        for (std::size_t length = 0; length < bytes.size(); ++length)
            CHECK(fault_of_skip(test::Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length))) == DecodeFault::truncated);
    }
}

TEST_CASE("integers of every width") {
    auto const unsigned_of = [](char const* hex) {
        auto const bytes = from_hex(hex);
        return Reader(bytes).read_unsigned();
    };
    CHECK(unsigned_of("00") == 0);
    CHECK(unsigned_of("17") == 23);
    CHECK(unsigned_of("1818") == 24);
    CHECK(unsigned_of("1903e8") == 1000);
    CHECK(unsigned_of("1a000f4240") == 1000000);
    CHECK(unsigned_of("1b000000e8d4a51000") == 1000000000000);
    CHECK(unsigned_of("1bffffffffffffffff") == 18446744073709551615u);
    CHECK(number("20") == -1);
    CHECK(number("29") == -10);
    CHECK(number("3903e7") == -1000);
    CHECK(number("3bffffffffffffffff") == -18446744073709551616.0);
}

TEST_CASE("numbers of half, single and double precision") {
    CHECK(number("f90000") == 0);
    CHECK(std::signbit(number("f98000")));
    CHECK(number("f93c00") == 1);
    CHECK(number("f93e00") == 1.5);
    CHECK(number("f97bff") == 65504);
    CHECK(number("f90001") == 5.960464477539063e-8);
    CHECK(number("f90400") == 0.00006103515625);
    CHECK(number("f9c400") == -4);
    CHECK(number("f96fd0") == 8000); // eV, as a detector writes it
    CHECK(number("f97c00") == std::numeric_limits<double>::infinity());
    CHECK(number("f9fc00") == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(number("f97e00")));
    CHECK(number("fa47c35000") == 100000);
    CHECK(number("fa7f7fffff") == 3.4028234663852886e+38);
    CHECK(number("faff800000") == -std::numeric_limits<double>::infinity());
    CHECK(number("fb3ff199999999999a") == 1.1);
    CHECK(number("fb7e37e43c8800759c") == 1.0e+300);
    CHECK(number("fbc010666666666666") == -4.1);
}

TEST_CASE("texts, byte strings, booleans, tags and nothing") {
    CHECK(text("60").empty());
    CHECK(text("62225c") == "\"\\");
    CHECK(text("62c3bc") == "\u00fc");
    CHECK(text("64f0908591") == "\U00010151");
    auto const bytes = from_hex("d74401020304 f4 f5 f6 f7 f8ff");
    Reader reader(bytes);
    CHECK(reader.kind() == Kind::tag);
    CHECK(reader.read_tag() == 23);
    CHECK(reader.read_bytes().data() == bytes.data() + 2); // a view, no copy
    CHECK_FALSE(reader.read_boolean());
    CHECK(reader.read_boolean());
    CHECK(reader.kind() == Kind::null);
    reader.skip();
    CHECK(reader.kind() == Kind::null);
    reader.skip();
    CHECK(reader.kind() == Kind::simple);
}

TEST_CASE("arrays and maps are stepped through, of known length or open") {
    for (auto const* const hex : {"a26161016162820203", "bf61610161629f0203ffff"}) {
        CAPTURE(hex);
        auto const bytes = from_hex(hex);
        Reader reader(bytes);
        auto map = reader.enter_map();
        REQUIRE(reader.more(map));
        CHECK(reader.read_text() == "a");
        CHECK(reader.read_unsigned() == 1);
        REQUIRE(reader.more(map));
        CHECK(reader.read_text() == "b");
        auto array = reader.enter_array();
        REQUIRE(reader.more(array));
        CHECK(reader.read_unsigned() == 2);
        REQUIRE(reader.more(array));
        CHECK(reader.read_unsigned() == 3);
        CHECK_FALSE(reader.more(array));
        CHECK_FALSE(reader.more(array));
        CHECK_FALSE(reader.more(map));
        CHECK(reader.at_end());
    }
}

TEST_CASE("an item can be taken out whole, its tags passed over") {
    auto const bytes = from_hex("c1c1820102 05");
    Reader reader(bytes);
    auto item = reader.take_item();
    CHECK(reader.read_unsigned() == 5);
    CHECK(item.untag().kind() == Kind::array);
    CHECK(item.bytes_left() == 3);
}

TEST_CASE("another kind than asked for, and what is no CBOR, is malformed") {
    auto const one = from_hex("01"), word = from_hex("6161");
    CHECK(test::fault_of([&] { Reader(one).read_text(); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { Reader(one).read_boolean(); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { Reader(one).enter_array(); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { Reader(word).read_number(); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { Reader(word).read_bytes(); }) == DecodeFault::malformed);
    CHECK(test::fault_of([&] { Reader(word).enter_map(); }) == DecodeFault::malformed);
    for (auto const* const hex : {"1c", "3d", "5e", "1f", "3f", "df", "ff", "f800", "f81f", "81ff", "a1ff00", "bf01ff", "a101ff",
                                  "5f6161ff", "5f5f4101ffff", "7f4101ff", "7f01ff"}) {
        CAPTURE(hex);
        CHECK(fault_of_skip(hex) == DecodeFault::malformed);
    }
}

TEST_CASE("text is UTF-8 or refused") {
    for (auto const* const hex :
         {"61ff", "61c3", "62c080", "63eda080", "64f4908080", "63e08080", "62e6b0", "64f0808080", "61bf", "62c328"}) {
        CAPTURE(hex);
        CHECK(test::fault_of([&] { text(hex); }) == DecodeFault::malformed);
        CHECK(fault_of_skip(hex) == std::nullopt); // nobody asked for it
    }
}

TEST_CASE("strings in pieces are passed over, but not read") {
    auto const pieces = from_hex("7f657374726561646d696e67ff"), bytes = from_hex("5f42010243030405ff");
    CHECK(test::fault_of([&] { Reader(pieces).read_text(); }) == DecodeFault::unsupported);
    CHECK(test::fault_of([&] { Reader(bytes).read_bytes(); }) == DecodeFault::unsupported);
}

TEST_CASE("a length is believed only as far as there are bytes") {
    for (auto const* const hex :
         {"5bffffffffffffffff", "7b8000000000000000", "9bffffffffffffffff", "bbffffffffffffffff", "bb8000000000000000", "9a00000002 01",
          "ba00000002 0101 01", "5a00000004 000000", "9f", "bf61", "c1", "5f", "d9"}) {
        CAPTURE(hex);
        CHECK(fault_of_skip(hex) == DecodeFault::truncated);
    }
    auto const map = from_hex("bb8000000000000000 0000");
    CHECK(test::fault_of([&] { Reader(map).enter_map(); }) == DecodeFault::truncated);
}

TEST_CASE("items nest to a depth and no further, without recursion") {
    for (unsigned const byte : {0x81u, 0x9fu, 0xc1u}) {
        CAPTURE(byte);
        test::Bytes bytes(cbor::max_depth, static_cast<std::byte>(byte));
        auto const close = [&](test::Bytes nested) {
            auto const levels = nested.size();
            nested.push_back(std::byte{0});
            if (byte == 0x9f) nested.insert(nested.end(), levels, std::byte{0xff});
            return nested;
        };
        CHECK(fault_of_skip(close(bytes)) == std::nullopt);
        bytes.push_back(static_cast<std::byte>(byte));
        CHECK(fault_of_skip(close(bytes)) == DecodeFault::oversized);
        CHECK(fault_of_skip(close(test::Bytes(10'000'000, static_cast<std::byte>(byte)))) == DecodeFault::oversized);
    }
}

TEST_CASE("a hundred thousand random byte strings are passed over or refused") {
    std::mt19937 random(8949);
    int passed = 0;
    for (int i = 0; i < 100000; ++i) {
        test::Bytes bytes(1 + random() % 40);
        for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xFF);
        Reader reader(bytes);
        auto const fault = test::fault_of([&] { reader.skip(); });
        CHECK(reader.bytes_left() <= bytes.size());
        passed += !fault;
    }
    CHECK(passed > 1000);
}
