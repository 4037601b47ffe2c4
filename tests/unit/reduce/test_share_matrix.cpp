// Parts of pixels sorted by bin: none lost, in the order of the image, whoever sorts them.
#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/ring_pixels.hpp"
#include "pipeline/reduce/share_matrix.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

using namespace sqd;

namespace {

constexpr unsigned seed = 20261126;
constexpr std::size_t rows = 37, cols = 11, bins = 29;

/// Up to four neighbouring bins per pixel, some pixels in none; bins 5 and 28 have no pixel.
std::vector<FoundPart> random_parts() {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::vector<FoundPart> out;
    for (std::uint32_t pixel = 0; pixel < rows * cols; ++pixel) {
        auto const first = static_cast<std::uint32_t>(random() % 25), count = static_cast<std::uint32_t>(random() % 5);
        for (std::uint32_t b = first; b < std::min(first + count, 28U); ++b)
            if (b != 5) out.push_back({pixel, b, uniform(random)});
    }
    return out;
}

ShareMatrix matrix_of(std::vector<FoundPart> const& parts, Beside beside, ParallelFor const& loop) {
    auto const find = [&](std::size_t begin, std::size_t end, FoundParts& out) {
        for (auto const& part : parts)
            if (part.pixel >= begin * cols && part.pixel < end * cols) out.push_back(part);
    };
    return share_matrix(rows, cols, bins, beside, find, loop);
}

/// Ranges of a loop, one after another, as many as three workers would have.
ParallelFor in_thirds() {
    return [](std::size_t n, std::function<void(std::size_t, std::size_t, std::size_t)> const& body) {
        std::size_t const ranges = std::min<std::size_t>(3, n);
        for (std::size_t slot = 0; slot < ranges; ++slot) body(n * slot / ranges, n * (slot + 1) / ranges, slot);
    };
}

} // namespace

TEST_CASE("every part is in its bin once, in the order of the image, with its share and what the pixel has in the next bin") {
    MESSAGE("seed " << seed);
    auto const parts = random_parts();
    std::map<std::pair<std::size_t, std::size_t>, double> share; // by bin and pixel
    for (auto const& part : parts) share[{part.bin, part.pixel}] = part.share;
    for (ParallelFor const& loop : {serial_for(), in_thirds()}) {
        auto const with_rest = matrix_of(parts, Beside::rest, loop), with_next = matrix_of(parts, Beside::next, loop);
        REQUIRE(with_rest.bins() == bins);
        CHECK(with_rest.parts.size() == parts.size());
        CHECK(with_rest.next.empty());
        CHECK(with_next.rest.empty());
        CHECK(with_next.most_bins == 4);
        for (std::size_t b = 0; b < bins; ++b) {
            auto const ring = with_rest.of(b);
            CHECK(std::ranges::is_sorted(ring, {}, &PixelPart::pixel));
            for (std::size_t i = 0; i < ring.size(); ++i) {
                auto const at = with_rest.first[b] + i;
                double const whole = static_cast<double>(ring[i].share) + static_cast<double>(with_rest.rest[at]);
                CHECK(whole == doctest::Approx(share.at({b, ring[i].pixel})).epsilon(1e-14));
                auto const next = share.find({b + 1, ring[i].pixel});
                CHECK(with_next.next[at] == (next == share.end() ? 0.0F : static_cast<float>(next->second)));
            }
        }
    }
}

TEST_CASE("workers share out all bins that have parts, none twice") {
    auto const shares = matrix_of(random_parts(), Beside::nothing, serial_for());
    for (ParallelFor const& loop : {serial_for(), in_thirds()}) {
        std::multiset<std::size_t> seen;
        for_bins(shares.first, loop, [&seen](std::size_t bin) { seen.insert(bin); });
        for (std::size_t b = 0; b < bins; ++b) CHECK(seen.count(b) == (b == 28 ? 0 : 1));
    }
}

TEST_CASE("the pixels of a map, ring by ring, are those that it has a bin for") {
    auto const map = test::small_map();
    for (ParallelFor const& loop : {serial_for(), in_thirds()}) {
        auto const rings = ring_pixels(*map, loop);
        std::size_t with_bin = 0;
        for (std::size_t b = 0; b < map->axis.size(); ++b) {
            CHECK(rings.of(b).size() == map->bin_pixels[b]);
            CHECK(std::ranges::adjacent_find(rings.of(b), std::ranges::greater_equal{}) == rings.of(b).end()); // ascending, none twice
            for (auto const pixel : rings.of(b)) CHECK(map->bin[pixel] == b);
            with_bin += map->bin_pixels[b];
        }
        CHECK(rings.pixel.size() == with_bin);
    }
}
