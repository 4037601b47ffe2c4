#include "daemon/import/unpack.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace sqd;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string const& text) {
    auto const* first = reinterpret_cast<std::byte const*>(text.data());
    return {first, first + text.size()};
}

Bytes gzip(std::string const& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes out(deflateBound(&stream, text.size()) + 64);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// "hello" ten times, by bzip2 1.0.8.
Bytes bzip2_example() {
    static unsigned char const packed[] = {0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xfb, 0x18, 0xf3, 0x1d, 0x00,
                                           0x00, 0x09, 0x81, 0x00, 0x02, 0x44, 0xa0, 0x00, 0x20, 0xa5, 0x00, 0xcd, 0x34, 0xc4, 0xe4,
                                           0xd4, 0xe2, 0x78, 0xbb, 0x92, 0x29, 0xc2, 0x84, 0x87, 0xd8, 0xc7, 0x98, 0xe8};
    auto const* first = reinterpret_cast<std::byte const*>(packed);
    return {first, first + sizeof packed};
}

std::optional<DecodeFault> fault_of(std::function<void()> const& act) {
    try {
        act();
    } catch (DecodeError const& error) {
        return error.fault();
    }
    return std::nullopt;
}

constexpr std::size_t plenty = 1 << 22;

} // namespace

TEST_CASE("gzip members are unpacked one after another") {
    std::string const text(3'000'000, 'x');
    CHECK(unpack_gzip(gzip(text), plenty) == bytes_of(text));
    auto two = gzip("one, ");
    auto const second = gzip("two");
    two.insert(two.end(), second.begin(), second.end());
    CHECK(unpack_gzip(two, plenty) == bytes_of("one, two"));
    CHECK(unpack_gzip(gzip(""), plenty).empty());
}

TEST_CASE("no more is unpacked than is allowed, and exactly that much is") {
    auto const packed = gzip(std::string(1'000'000, 'x'));
    CHECK(unpack_gzip(packed, 1'000'000).size() == 1'000'000);
    CHECK(fault_of([&] { unpack_gzip(packed, 999'999); }) == DecodeFault::oversized);
    CHECK(fault_of([&] { unpack_gzip(packed, 0); }) == DecodeFault::oversized);
    CHECK(unpack_bzip2(bzip2_example(), 50).size() == 50);
    CHECK(fault_of([] { unpack_bzip2(bzip2_example(), 49); }) == DecodeFault::oversized);
}

TEST_CASE("every cut of a packed file is truncated") {
    auto const packed = gzip("some text that is packed");
    for (std::size_t n = 0; n < packed.size(); ++n)
        CHECK(fault_of([&] { unpack_gzip(std::span(packed).first(n), plenty); }) == DecodeFault::truncated);
    auto const bzip2 = bzip2_example();
    for (std::size_t n = 0; n < bzip2.size(); ++n)
        CHECK(fault_of([&] { unpack_bzip2(std::span(bzip2).first(n), plenty); }) == DecodeFault::truncated);
}

TEST_CASE("damage is corrupt, not a shorter file") {
    auto packed = gzip("some text that is packed");
    packed[packed.size() - 6] ^= std::byte{1}; // of its checksum
    CHECK(fault_of([&] { unpack_gzip(packed, plenty); }) == DecodeFault::corrupt);
    auto bzip2 = bzip2_example();
    bzip2[20] ^= std::byte{1};
    CHECK(fault_of([&] { unpack_bzip2(bzip2, plenty); }) == DecodeFault::corrupt);
    CHECK(fault_of([] { unpack_gzip(bytes_of("neither"), plenty); }) == DecodeFault::corrupt);
    CHECK(fault_of([] { unpack_bzip2(bytes_of("neither"), plenty); }) == DecodeFault::corrupt);
}
