#include "daemon/simulate/random_block.hpp"

#include <cassert>

namespace sqd::simulated {

namespace {

constexpr std::size_t lanes = 16;
using Lanes = std::array<std::uint32_t, lanes>;

constexpr std::uint32_t rotate_left(std::uint32_t x, int bits) {
    return (x << bits) | (x >> (32 - bits));
}

} // namespace

void fill_random(std::uint64_t key, std::span<std::uint32_t> out) {
    assert(out.size() % lanes == 0);
    Lanes s0, s1, s2, s3;
    for (std::size_t i = 0; i < lanes; ++i) {
        auto const a = derive(key, 2 * i), b = derive(key, 2 * i + 1);
        s0[i] = static_cast<std::uint32_t>(a);
        s1[i] = static_cast<std::uint32_t>(a >> 32);
        s2[i] = static_cast<std::uint32_t>(b);
        s3[i] = static_cast<std::uint32_t>(b >> 32) | 1; // never all zero
    }
    for (std::size_t start = 0; start < out.size(); start += lanes) {
        for (std::size_t i = 0; i < lanes; ++i) {
            out[start + i] = rotate_left(s0[i] + s3[i], 7) + s0[i];
            auto const t = s1[i] << 9;
            s2[i] ^= s0[i];
            s3[i] ^= s1[i];
            s1[i] ^= s2[i];
            s0[i] ^= s3[i];
            s2[i] ^= t;
            s3[i] = rotate_left(s3[i], 11);
        }
    }
}

} // namespace sqd::simulated
