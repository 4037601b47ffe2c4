// The LZ4 of tiles against liblz4: the same bytes from whole blocks, and no harm from broken ones.
#include "detectors/codec/lz4_tile.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/cpu_tiers.hpp"
#include "tests/support/plain_lz4.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <doctest/doctest.h>
#include <lz4.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>

using namespace sqd;
using test::Bytes;

namespace {

constexpr std::size_t largest = tile_pixels * 4;

/// What a block gives; nullopt where it is refused. The block lies in memory of exactly its size.
std::optional<Bytes> unpacked(Bytes const& block, std::size_t bytes, CpuTier tier) {
    auto const exact = std::make_unique<std::byte[]>(block.size());
    std::copy(block.begin(), block.end(), exact.get());
    auto const out = std::make_unique<BlockMemory>();
    try {
        decompress_lz4_tile({exact.get(), block.size()}, bytes, *out, tier);
    } catch (DecodeError const& error) {
        CHECK(error.fault() == DecodeFault::corrupt);
        return std::nullopt;
    }
    return Bytes(out->bytes.begin(), out->bytes.begin() + static_cast<std::ptrdiff_t>(bytes));
}

/// Runs, repeats of every period, and noise, as planes of counts have them.
Bytes mixture(std::mt19937& random, std::size_t bytes) {
    Bytes out;
    while (out.size() < bytes) {
        std::size_t const length = 1 + random() % (random() % 4 == 0 ? 3000 : 30), kind = random() % 3;
        std::size_t const period = 1 + random() % (random() % 2 == 0 ? 40 : 400);
        for (std::size_t i = 0; i < length && out.size() < bytes; ++i) {
            if (kind == 0 || out.size() < period)
                out.push_back(static_cast<std::byte>(random() & 0xFF));
            else
                out.push_back(out[out.size() - period]);
        }
    }
    return out;
}

Bytes of(std::initializer_list<int> values) {
    Bytes out;
    for (int const value : values) out.push_back(static_cast<std::byte>(value));
    return out;
}

} // namespace

TEST_CASE("what liblz4 packed comes back, whatever its sequences, with every instruction set") {
    std::mt19937 random(31);
    for (int trial = 0; trial < 400; ++trial) {
        std::size_t const bytes = trial < 40 ? static_cast<std::size_t>(trial) : trial % 3 == 0 ? largest : random() % (largest + 1);
        Bytes const plain = mixture(random, bytes), block = test::lz4(plain);
        for (CpuTier const tier : test::cpu_tiers_here()) {
            CAPTURE(name(tier));
            CAPTURE(bytes);
            CHECK(unpacked(block, bytes, tier) == plain);
            if (bytes < largest) CHECK_FALSE(unpacked(block, bytes + 1, tier));
            if (bytes > 0) CHECK_FALSE(unpacked(block, bytes - 1, tier));
        }
    }
}

TEST_CASE("overlapping copies of every period and length repeat as if made byte by byte") {
    for (int period = 1; period <= 40; ++period)
        for (int length = 4; length <= 300; length += length < 40 ? 1 : 37) {
            Bytes block, plain;
            block.push_back(static_cast<std::byte>(std::min(period, 15) << 4 | std::min(length - 4, 15)));
            if (period >= 15) block.push_back(static_cast<std::byte>(period - 15));
            for (int i = 0; i < period; ++i) plain.push_back(static_cast<std::byte>(100 + i));
            block.insert(block.end(), plain.begin(), plain.end());
            block.push_back(static_cast<std::byte>(period));
            block.push_back(std::byte{0});
            for (int left = length - 4 - 15; left >= 0; left -= 255) {
                block.push_back(static_cast<std::byte>(std::min(left, 255)));
                if (left < 255) break;
            }
            for (int i = 0; i < length; ++i) plain.push_back(plain[plain.size() - static_cast<std::size_t>(period)]);
            for (int i = 0; i < 5; ++i) plain.push_back(static_cast<std::byte>(i));
            block.push_back(std::byte{0x50});
            for (int i = 0; i < 5; ++i) block.push_back(static_cast<std::byte>(i));
            for (CpuTier const tier : test::cpu_tiers_here()) {
                CAPTURE(name(tier));
                CAPTURE(period);
                CAPTURE(length);
                CHECK(unpacked(block, plain.size(), tier) == plain);
            }
        }
}

TEST_CASE("blocks that lie are refused") {
    for (CpuTier const tier : test::cpu_tiers_here()) {
        CAPTURE(name(tier));
        CHECK_FALSE(unpacked({}, 0, tier));
        CHECK(unpacked(of({0x00}), 0, tier) == Bytes{});
        CHECK(unpacked(of({0x10, 7}), 1, tier) == of({7}));
        CHECK_FALSE(unpacked(of({0x20, 7}), 2, tier));                // a literal is missing
        CHECK_FALSE(unpacked(of({0xF0}), 15, tier));                  // so is the length
        CHECK_FALSE(unpacked(of({0x10, 7, 0, 0, 0x10, 1}), 6, tier)); // a copy from nowhere
        CHECK_FALSE(unpacked(of({0x10, 7, 2, 0, 0x10, 1}), 6, tier)); // from before the beginning
        CHECK(unpacked(of({0x10, 7, 1, 0, 0x10, 1}), 6, tier) == of({7, 7, 7, 7, 7, 1}));
        CHECK_FALSE(unpacked(of({0x10, 7, 1}), 5, tier));                    // half an offset
        CHECK_FALSE(unpacked(of({0x10, 7, 1, 0}), 5, tier));                 // no literals at the end
        CHECK_FALSE(unpacked(of({0x1F, 7, 1, 0, 255, 255}), largest, tier)); // a length without end
    }
}

TEST_CASE("damaged blocks do no harm, and are read or refused as the format says") {
    std::mt19937 random(32);
    std::size_t refused = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        std::size_t const bytes = 1 + random() % (trial % 2 == 0 ? 600 : largest);
        Bytes block = test::lz4(mixture(random, bytes));
        for (std::size_t i = 0; i <= random() % 4; ++i) block[random() % block.size()] ^= static_cast<std::byte>(1 + random() % 255);
        if (random() % 4 == 0) block.resize(random() % (block.size() + 1));
        auto const expected = test::plain_lz4(block, bytes);
        refused += expected ? 0U : 1U;
        for (CpuTier const tier : test::cpu_tiers_here()) CHECK(unpacked(block, bytes, tier) == expected);
    }
    CHECK(refused > 1000); // LZ4 has no checksum: damaged literals pass
}
