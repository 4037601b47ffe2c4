// Memory of large arrays behaves as any vector's.
#include "pipeline/core/large_memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

using namespace sqd;

TEST_CASE("elements are 0, small or large, and survive growth") {
    for (std::size_t const size : {std::size_t{3}, std::size_t{3} << 20}) {
        LargeArray<double> array(size);
        CHECK(std::ranges::count(array, 0.0) == static_cast<std::ptrdiff_t>(size));
        std::iota(array.begin(), array.end(), 1.0);
        auto const copy = array;
        for (int i = 0; i < 4; ++i) array.insert(array.end(), copy.begin(), copy.end());
        REQUIRE(array.size() == 5 * size);
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(std::equal(copy.begin(), copy.end(), array.begin() + static_cast<std::ptrdiff_t>(i * size)));
    }
}

TEST_CASE("large ones begin on a huge page") {
    LargeArray<float> const array(std::size_t{4} << 20);
    CHECK(reinterpret_cast<std::uintptr_t>(array.data()) % (std::size_t{2} << 20) == 0);
}

TEST_CASE("unset arrays keep the values that they are given") {
    UnsetArray<std::uint32_t> array;
    for (std::uint32_t i = 0; i < 3'000'000; ++i) array.push_back(i);
    array.resize(4'000'000);
    for (std::uint32_t i = 0; i < 3'000'000; ++i) REQUIRE(array[i] == i);
    UnsetArray<std::uint32_t> const filled(10, 7);
    CHECK(std::ranges::count(filled, 7U) == 10);
}

TEST_CASE("more than there is memory is refused") {
    LargeAllocator<double> allocator;
    CHECK_THROWS_AS(static_cast<void>(allocator.allocate(std::numeric_limits<std::size_t>::max() / 4)), std::bad_alloc);
}
