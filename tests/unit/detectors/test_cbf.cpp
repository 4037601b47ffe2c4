// CBF: differences of every length, header lines, checksum, and files that are torn or lie.
#include "detectors/codec/cbf.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <random>

using namespace sqd;

namespace {

std::vector<std::int32_t> const steps{0,          1, 127, -1, -128, 32767, -32768, 0,   2147483647, -2147483647 - 1,
                                      2147483647, 5, -2,  -1, 1000, 1001,  70000,  128, 0,          -127};

std::vector<std::uint32_t> decoded(test::Bytes const& packed, std::size_t pixels) {
    std::vector<std::uint32_t> out(pixels);
    decode_byte_offset(packed, out);
    return out;
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

std::optional<DecodeFault> fault_of(std::function<void()> const& run) {
    try {
        run();
    } catch (DecodeError const& error) {
        return error.fault();
    }
    return std::nullopt;
}

std::optional<DecodeFault> fault_of_file(test::Bytes const& file, std::size_t rows, std::size_t cols) {
    PixelScratch scratch;
    return fault_of([&] { CbfTiles(test::part(file), rows, cols).prepare(scratch); });
}

} // namespace

TEST_CASE("differences of one, two, four and eight bytes give the pixels back") {
    auto const packed = test::byte_offset(steps);
    auto const pixels = decoded(packed, steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) CHECK(static_cast<std::int32_t>(pixels[i]) == steps[i]);
    CHECK(packed.size() > 4 * 4); // the longest forms are in it
}

TEST_CASE("random images of all scales come back from byte offsets") {
    std::mt19937 random(13);
    for (int shift = 0; shift < 32; ++shift) {
        std::vector<std::int32_t> image(500);
        for (auto& pixel : image) pixel = static_cast<std::int32_t>(static_cast<std::uint32_t>(random())) >> shift;
        auto const pixels = decoded(test::byte_offset(image), image.size());
        CHECK(std::equal(pixels.begin(), pixels.end(), image.begin(),
                         [](std::uint32_t a, std::int32_t b) { return static_cast<std::int32_t>(a) == b; }));
    }
}

TEST_CASE("byte offsets that end early are truncated, and longer ones corrupt") {
    auto const packed = test::byte_offset(steps);
    for (std::size_t length = 0; length < packed.size(); ++length)
        CHECK(fault_of([&] { decoded(test::Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)), steps.size()); }) ==
              DecodeFault::truncated);
    CHECK(fault_of([&] { decoded(packed, steps.size() - 1); }) == DecodeFault::corrupt);
}

TEST_CASE("wherever a long image of all forms of difference ends early, it is truncated") {
    std::mt19937 random(14);
    std::vector<std::int32_t> image(200);
    for (auto& pixel : image) pixel = static_cast<std::int32_t>(static_cast<std::uint32_t>(random())) >> random() % 32;
    auto const packed = test::byte_offset(image);
    for (std::size_t length = 0; length < packed.size(); ++length)
        REQUIRE(fault_of([&] {
                    decoded(test::Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)), image.size());
                }) == DecodeFault::truncated);
    for (std::size_t fewer = 1; fewer < 40; ++fewer)
        REQUIRE(fault_of([&] { decoded(packed, image.size() - fewer); }) == DecodeFault::corrupt);
}

TEST_CASE("any bytes at all are decoded or refused") {
    std::mt19937 random(15);
    for (int i = 0; i < 20000; ++i) {
        test::Bytes bytes(random() % 100);
        for (auto& byte : bytes)
            byte = random() % 3 == 0 ? std::byte{0x80} : static_cast<std::byte>(random() % 2 == 0 ? 0 : random() & 0xFF);
        auto const fault = fault_of([&] { decoded(bytes, random() % 100); });
        REQUIRE((!fault || fault == DecodeFault::truncated || fault == DecodeFault::corrupt));
    }
}

TEST_CASE("a CBF file is a frame whose negative and saturated pixels are invalid") {
    auto const packed = test::byte_offset(steps);
    CbfTiles tiles(test::part(test::cbf_file(test::cbf_header(4, 5, packed), packed)), 4, 5);
    auto const image = test::whole_image(tiles, steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        CHECK(image.invalid[i] == (steps[i] < 0 || steps[i] > 1000)); // the header's Count_cutoff
        CHECK(image.pixels[i] == (image.invalid[i] ? 0 : static_cast<std::uint32_t>(steps[i])));
    }
    CHECK(image.clean_tail);
}

TEST_CASE("a CBF that says otherwise than it should is refused by name") {
    auto const packed = test::byte_offset(steps);
    auto const header = test::cbf_header(4, 5, packed);
    auto const fault = [&](std::string const& from, std::string const& to) {
        return fault_of_file(test::cbf_file(replaced(header, from, to), packed), 4, 5);
    };
    CHECK(fault_of_file(test::cbf_file(header, packed), 4, 5) == std::nullopt);
    CHECK(fault_of_file(test::cbf_file(header, packed), 5, 4) == DecodeFault::mismatch);
    CHECK(fault("Content-MD5: ", "Content-MD5: A") == DecodeFault::corrupt);
    CHECK(fault("Content-MD5: ", "X-Nothing: ") == std::nullopt); // some writers leave it out
    CHECK(fault("x-CBF_BYTE_OFFSET", "x-CBF_PACKED") == DecodeFault::unsupported);
    CHECK(fault("32-bit integer", "16-bit integer") == DecodeFault::unsupported);
    CHECK(fault("LITTLE_ENDIAN", "BIG_ENDIAN") == DecodeFault::unsupported);
    CHECK(fault("X-Binary-Size: ", "X-Binary-Size: 999") == DecodeFault::truncated);
    CHECK(fault("X-Binary-Size: ", "X-Binary-Length: ") == DecodeFault::malformed);
    CHECK(fault("Elements: 20", "Elements: 21") == DecodeFault::mismatch);
    CHECK(fault("X-Binary-Size: ", "X-Binary-Size: 99999999999999999999") == DecodeFault::malformed);
    CHECK(fault("Second-Dimension: 4", "Second-Dimension: 0") == DecodeFault::mismatch);
}

TEST_CASE("a CBF without checksum, padding and tail is read, as some converters write it") {
    auto const packed = test::byte_offset(steps);
    auto header = replaced(test::cbf_header(4, 5, packed), "Content-MD5: ", "X-Nothing: ");
    header = replaced(header, "X-Binary-Size-Padding: 4095\r\n", "");
    auto file = test::cbf_file(header, packed);
    file.erase(file.end() - 4095, file.end());
    CHECK(fault_of_file(file, 4, 5) == std::nullopt);
}

TEST_CASE("a size that promises more pixels than it has bytes is refused before memory is asked for") {
    auto const packed = test::byte_offset(steps);
    constexpr std::size_t side = 1u << 24; // 2^50 bytes of pixels: more than any machine gives
    CHECK(fault_of_file(test::cbf_file(test::cbf_header(side, side, packed), packed), side, side) == DecodeFault::truncated);
}

TEST_CASE("a size that is a few bytes wrong is refused though the file has room for it") {
    auto const packed = test::byte_offset(steps);
    auto const size = "X-Binary-Size: " + std::to_string(packed.size());
    auto const header = replaced(test::cbf_header(4, 5, packed), "Content-MD5: ", "X-Nothing: ");
    auto const fault_of_size = [&](std::size_t stated) {
        return fault_of_file(test::cbf_file(replaced(header, size, "X-Binary-Size: " + std::to_string(stated)), packed), 4, 5);
    };
    CHECK(fault_of_size(packed.size()) == std::nullopt);
    CHECK(fault_of_size(packed.size() + 1) == DecodeFault::corrupt);
    CHECK(fault_of_size(packed.size() - 1) == DecodeFault::truncated);
    CHECK(fault_of_size(19) == DecodeFault::truncated);
    CHECK(fault_of_size(0) == DecodeFault::truncated);
}

TEST_CASE("the start of the pixels is sought in the text only") {
    auto const packed = test::byte_offset(steps);
    auto const header = test::cbf_header(4, 5, packed);
    CHECK(fault_of_file(test::cbf_file(std::string(100000, ' ') + header, packed), 4, 5) == std::nullopt);
    CHECK(fault_of_file(test::cbf_file(std::string(128 * 1024, ' ') + header, packed), 4, 5) == DecodeFault::malformed);
}

TEST_CASE("keys in the free text of a full CBF are not those of its pixels") {
    auto const packed = test::byte_offset(steps);
    auto const text = replaced(test::cbf_header(4, 5, packed), "_array_data.data\r\n",
                               "# X-Binary-Size: 3\r\n# X-Binary-Size-Fastest-Dimension: 7\r\n_array_data.data\r\n");
    CHECK(fault_of_file(test::cbf_file(text, packed), 4, 5) == std::nullopt);
}

TEST_CASE("one changed byte in the pixels is caught by the checksum") {
    auto const packed = test::byte_offset(steps);
    auto damaged = packed;
    damaged[3] ^= std::byte{1};
    CHECK(fault_of_file(test::cbf_file(test::cbf_header(4, 5, packed), damaged), 4, 5) == DecodeFault::corrupt);
}

TEST_CASE("a CBF file torn anywhere before its last pixel is refused") {
    auto const packed = test::byte_offset(steps);
    auto const header = test::cbf_header(4, 5, packed);
    auto const file = test::cbf_file(header, packed);
    for (std::size_t length = 0; length < header.size() + 4 + packed.size(); ++length)
        CHECK(fault_of_file(test::Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)), 4, 5) == DecodeFault::truncated);
}
