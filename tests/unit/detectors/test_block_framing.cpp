// Block layout, lengths and the published vectors of DECTRIS' compression library.
#include "detectors/codec/block_framing.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>

using namespace sqd;

namespace {

test::Bytes bytes_of_hex(std::string_view hex) {
    test::Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
        bytes.push_back(static_cast<std::byte>(16 * digit(hex[i]) + digit(hex[i + 1])));
    }
    return bytes;
}

test::Bytes repeated(std::size_t n, unsigned value) {
    return test::Bytes(n, static_cast<std::byte>(value));
}

DecodeFault fault_of_index(test::Bytes const& payload, std::size_t expected, std::size_t unit) {
    try {
        index_blocks(payload, expected, unit);
    } catch (DecodeError const& error) {
        return error.fault();
    }
    FAIL("no error");
    return {};
}

} // namespace

TEST_CASE("a 1065 x 1030 image of 32 bits is 535 full blocks, one of 5056 bytes and 24 bytes of tail") {
    auto const layout = block_layout(4387800, 8192, 32);
    CHECK(layout == BlockLayout{4387800, 8192, 535, 5056, 24});
    CHECK(layout.blocks() == 536);
}

TEST_CASE("the parts of every layout add up") {
    for (std::size_t unit : {1u, 8u, 32u})
        for (std::size_t blocks : {1u, 2u, 5u})
            for (std::size_t total = 0; total < 400; ++total) {
                auto const layout = block_layout(total, unit * blocks, unit);
                CHECK(layout.full_blocks * layout.block + layout.last + layout.tail == total);
                CHECK(layout.last < layout.block);
                CHECK(layout.last % unit == 0);
                CHECK(layout.tail < unit);
            }
}

// The hex strings of the next three cases are vectors of dectris/compression (tests, MIT licence).
TEST_CASE("a single byte in bitshuffle framing is all tail") {
    auto const payload = bytes_of_hex("00000000000000010000200089");
    auto const framed = index_blocks(payload, 1, 8);
    CHECK(framed.blocks.empty());
    REQUIRE(framed.tail.size() == 1);
    CHECK(framed.tail[0] == std::byte{0x89});
}

TEST_CASE("LZ4 blocks as long as their pixels are stored raw") {
    test::Bytes out(3);
    decompress_framed_lz4(bytes_of_hex("00000000000000030000000200000002ffff00000001ff"), out);
    CHECK(out == repeated(3, 0xff));
}

TEST_CASE("compressed LZ4 blocks with a shorter last one give 29 bytes of ff") {
    test::Bytes out(29);
    decompress_framed_lz4(bytes_of_hex("000000000000001d000000100000000a16ff010050ffffffffff0000000a13ff010050ffffffffff"), out);
    CHECK(out == repeated(29, 0xff));
}

TEST_CASE("an empty payload may have no block size") {
    CHECK(index_blocks(bytes_of_hex("000000000000000000000000"), 0, 32).blocks.empty());
}

TEST_CASE("what is wrong with a payload has a name") {
    auto const good = test::bslz4(repeated(1000, 0), 4, 256);
    CHECK(fault_of_index(good, 996, 32) == DecodeFault::mismatch);
    auto const with = [&good](std::size_t at, std::initializer_list<unsigned> values) {
        auto changed = good;
        for (unsigned const value : values) changed.at(at++) = static_cast<std::byte>(value);
        return changed;
    };
    auto const zero_block = with(8, {0, 0, 0, 0}), odd_block = with(11, {1}), long_block = with(12, {0xff});
    auto longer = good;
    longer.push_back(std::byte{0});
    CHECK(fault_of_index(zero_block, 1000, 32) == DecodeFault::corrupt);
    CHECK(fault_of_index(odd_block, 1000, 32) == DecodeFault::corrupt);
    CHECK(fault_of_index(longer, 1000, 32) == DecodeFault::corrupt);
    CHECK(fault_of_index(long_block, 1000, 32) == DecodeFault::truncated);
}

TEST_CASE("a payload cut short anywhere is truncated") {
    auto const good = test::bslz4(repeated(1000, 0), 4, 256);
    for (std::size_t length = 0; length < good.size(); ++length)
        REQUIRE(fault_of_index(test::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)), 1000, 32) ==
                DecodeFault::truncated);
}

TEST_CASE("blocks without the header are found by bitshuffle's own block size") {
    auto const good = test::bslz4(repeated(20000, 7), 4, bitshuffle_block_bytes);
    test::Bytes const bare(good.begin() + framing_header_bytes, good.end());
    CHECK(has_framing_header(good, 20000));
    CHECK_FALSE(has_framing_header(bare, 20000));
    CHECK_FALSE(has_framing_header(test::Bytes(11), 0));
    auto const with = index_blocks(good, 20000, 32), without = index_bare_blocks(bare, 20000, bitshuffle_block_bytes, 32);
    CHECK(without.layout == with.layout);
    REQUIRE(without.blocks.size() == with.blocks.size());
    for (std::size_t i = 0; i < with.blocks.size(); ++i)
        CHECK(std::equal(with.blocks[i].begin(), with.blocks[i].end(), without.blocks[i].begin(), without.blocks[i].end()));
    for (std::size_t length = 0; length < bare.size(); ++length)
        CHECK_THROWS_AS(index_bare_blocks(std::span(bare).first(length), 20000, bitshuffle_block_bytes, 32), DecodeError);
}
