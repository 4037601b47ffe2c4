// Sums of pixels in 32 bits and beyond.
#include "pipeline/reduce/pixel_totals.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace sqd;

namespace {

std::vector<std::uint64_t> all_of(PixelTotals const& totals) {
    std::vector<std::uint64_t> out(totals.pixels());
    totals.copy(0, out);
    return out;
}

} // namespace

TEST_CASE("sums pass 32 bits without losing a count") {
    PixelTotals totals(tile_pixels + 10);
    constexpr std::uint64_t step = 3'000'000'000;
    for (int i = 0; i < 5; ++i) {
        std::uint32_t* const sums = totals.room_for(1, step);
        sums[0] += static_cast<std::uint32_t>(step);
        sums[9] += 1;
    }
    totals.wide(1)[9] += 0xffffffffffULL;
    auto const out = all_of(totals);
    CHECK(out[tile_pixels] == 5 * step);
    CHECK(out[tile_pixels + 9] == 5 + 0xffffffffffULL);
    CHECK(std::accumulate(out.begin(), out.end(), std::uint64_t{0}) == out[tile_pixels] + out[tile_pixels + 9]);
}

TEST_CASE("what was added in 32 bits can be subtracted again") {
    PixelTotals totals(100);
    totals.room_for(0, 7)[3] += 7;
    totals.wide(0)[3] -= 5;
    totals.room_for(0, 7)[3] += 1;
    CHECK(all_of(totals)[3] == 3);
}

TEST_CASE("any part can be copied, in either type") {
    PixelTotals totals(2 * tile_pixels + 100);
    for (std::size_t t = 0; t < 3; ++t) {
        std::uint32_t* const sums = totals.room_for(t, 3 * tile_pixels);
        for (std::size_t i = 0; i < tile_pixels; ++i) sums[i] = static_cast<std::uint32_t>(t * tile_pixels + i);
    }
    totals.wide(1); // its sums are in 64 bits now
    for (auto const& [first, n] : {std::pair{0UL, 4196UL}, {5UL, 3UL}, {2040UL, 20UL}, {4090UL, 106UL}, {4196UL, 0UL}}) {
        std::vector<std::uint64_t> integers(n);
        std::vector<double> reals(n);
        totals.copy(first, integers);
        totals.copy(first, reals);
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(integers[i] == first + i);
            CHECK(reals[i] == static_cast<double>(first + i));
        }
    }
}
