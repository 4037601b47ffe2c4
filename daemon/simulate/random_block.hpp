// Random numbers that depend on nothing but their address: seed, series, frame, block. Any thread may draw any block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sqd::simulated {

/// Mixes 64 bits well: the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// A key from a key and a number below it in the hierarchy.
constexpr std::uint64_t derive(std::uint64_t key, std::uint64_t number) {
    return mix(mix(key + 0x9e3779b97f4a7c15ULL) ^ mix(number + 1));
}

/// Fills `out` (a multiple of 16 words) with xoshiro128++ (Blackman & Vigna 2021), sixteen of them side by side so that compilers
/// vectorise the loop; each starts from words mixed from the key.
void fill_random(std::uint64_t key, std::span<std::uint32_t> out);

} // namespace sqd::simulated
