// Points of a long series: every frame is in one of them, and which frames share one does not hang on how they came.
#include "pipeline/stream/frame_windows.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/joined_frames.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace sqd;

namespace {

constexpr std::size_t bins = 5;

std::shared_ptr<FrameCounts const> frame(std::uint64_t number) {
    std::mt19937 random(static_cast<unsigned>(number) + 1);
    FrameCounts out;
    out.number = number;
    out.exposure_s = 0.1 + static_cast<double>(random() % 5);
    for (std::size_t b = 0; b < bins; ++b) out.counts.push_back(static_cast<std::uint32_t>(random()));
    if (number % 3 == 0) out.deficits = {{static_cast<std::uint16_t>(number % bins), 1, 0.25}};
    return std::make_shared<FrameCounts const>(std::move(out));
}

FrameWindows windows_of(std::vector<std::uint64_t> const& numbers, std::size_t most) {
    FrameWindows out(most);
    for (auto const number : numbers) out.add(frame(number));
    return out;
}

std::vector<std::vector<std::uint64_t>> numbers_in(FrameWindows const& windows) {
    std::vector<std::vector<std::uint64_t>> out;
    for (auto const& point : windows.points()) {
        out.emplace_back();
        for_each_frame(*point, [&](JoinedFrame const& each, auto) { out.back().push_back(each.number); });
    }
    return out;
}

std::vector<std::uint64_t> some_numbers(std::mt19937& random, std::uint64_t below) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t n = 0; n < below; ++n)
        if (random() % 4 != 0) out.push_back(n);
    for (std::uint64_t n = below; n > 0 && !out.empty() && random() % 2 == 0; n /= 2)
        std::erase_if(out, [n](auto x) { return x % 7 == n % 7; });
    return out;
}

bool same(FrameWindows const& a, FrameWindows const& b) {
    return a.window() == b.window() && a.frames() == b.frames() &&
           std::ranges::equal(a.points(), b.points(), [](auto const& x, auto const& y) {
               return x->number == y->number && x->counts == y->counts && x->carries == y->carries && x->joined == y->joined &&
                      x->exposure_s == y->exposure_s && x->monitor == y->monitor && x->deficits == y->deficits;
           });
}

} // namespace

TEST_CASE("every frame is in one point, those of a point are neighbours, and points are as few as allowed and no fewer") {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        CAPTURE(round);
        auto numbers = some_numbers(random, 1 + random() % 300);
        std::size_t const most = 1 + random() % 12;
        std::shuffle(numbers.begin(), numbers.end(), random);
        auto const windows = windows_of(numbers, most);
        auto const points = numbers_in(windows);
        CHECK(points.size() <= most);
        CHECK(windows.frames() == numbers.size());
        std::vector<std::uint64_t> all;
        for (auto const& point : points) {
            for (auto const number : point) CHECK(number / windows.window() == point.front() / windows.window());
            all.insert(all.end(), point.begin(), point.end());
        }
        auto ordered = numbers;
        std::ranges::sort(ordered);
        CHECK((windows.window() == 1 || all == ordered));
        std::map<std::uint64_t, int> narrower; // with half the window they would not have found room
        for (auto const number : numbers) ++narrower[number / std::max<std::uint64_t>(windows.window() / 2, 1)];
        CHECK((windows.window() == 1 || narrower.size() > most));
        std::vector<std::uint64_t> sum(bins), truth(bins);
        for (auto const& point : windows.points())
            for (std::size_t b = 0; b < bins; ++b) sum[b] += counts_in(*point, b);
        for (auto const number : numbers)
            for (std::size_t b = 0; b < bins; ++b) truth[b] += frame(number)->counts[b];
        CHECK(sum == truth);
    }
}

TEST_CASE("points do not hang on the order in which frames came") {
    std::mt19937 random(2);
    for (int round = 0; round < 30; ++round) {
        auto numbers = some_numbers(random, 200);
        if (numbers.size() <= 7) continue;
        auto const in_order = windows_of(numbers, 7);
        std::shuffle(numbers.begin(), numbers.end(), random);
        CHECK(same(in_order, windows_of(numbers, 7)));
    }
}

TEST_CASE("while there is room frames stay what they are, as they came") {
    FrameWindows windows(3);
    FrameList const frames{frame(4), frame(1), frame(9)};
    for (auto const& each : frames) windows.add(each);
    CHECK(windows.points() == frames);
    CHECK(windows.window() == 1);
    windows.add(frame(2));
    CHECK(windows.window() == 4); // 1, 2, 4 and 9 are apart in pairs, too
    CHECK(numbers_in(windows) == std::vector<std::vector<std::uint64_t>>{{1, 2}, {4}, {9}});
}

TEST_CASE("points that somebody holds do not change when more frames come") {
    auto windows = windows_of({0, 1, 2, 3, 4, 5, 6}, 4);
    FrameList const held = windows.points();
    std::vector<FrameCounts> copies;
    for (auto const& point : held) copies.push_back(*point);
    for (std::uint64_t n = 7; n < 40; ++n) windows.add(frame(n));
    windows.shift(0, 3);
    for (std::size_t i = 0; i < held.size(); ++i) {
        CHECK(held[i]->joined == copies[i].joined);
        CHECK(held[i]->counts == copies[i].counts);
    }
}

TEST_CASE("numbers that move take their frames along") {
    std::mt19937 random(3);
    for (int round = 0; round < 40; ++round) {
        CAPTURE(round);
        auto numbers = some_numbers(random, 100);
        std::size_t const most = 2 + random() % 9;
        std::uint64_t const first = random() % 60, by = 1 + random() % 9;
        auto windows = windows_of(numbers, most);
        std::vector<std::uint64_t> before(bins), after(bins);
        for (auto const& point : windows.points())
            for (std::size_t b = 0; b < bins; ++b) before[b] += counts_in(*point, b);
        windows.shift(first, by);
        for (std::uint64_t n = first; n < first + by; ++n) windows.add(frame(n)); // there is room for them now
        for (auto const& point : windows.points())
            for (std::size_t b = 0; b < bins; ++b) after[b] += counts_in(*point, b);
        for (auto const& point : windows.points()) CHECK((point->joined.empty() || point->number == point->joined.front().number));
        std::vector<std::uint64_t> all, truth;
        for (auto const& point : numbers_in(windows)) all.insert(all.end(), point.begin(), point.end());
        for (auto const number : numbers) truth.push_back(number < first ? number : number + by);
        for (std::uint64_t n = first; n < first + by; ++n) {
            truth.push_back(n);
            for (std::size_t b = 0; b < bins; ++b) before[b] += frame(n)->counts[b];
        }
        std::ranges::sort(all);
        std::ranges::sort(truth);
        CHECK(all == truth);
        CHECK(after == before);
        CHECK(windows.points().size() <= most);
    }
}

TEST_CASE("another one goes on from points and window as if it had been there from the start") {
    std::mt19937 random(4);
    for (int round = 0; round < 30; ++round) {
        auto numbers = some_numbers(random, 150);
        std::shuffle(numbers.begin(), numbers.end(), random);
        auto whole = windows_of(numbers, 6);
        std::size_t const half = numbers.size() / 2;
        auto const first = windows_of({numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(half)}, 6);
        FrameWindows second(first.points(), first.window(), 6);
        for (std::size_t i = half; i < numbers.size(); ++i) second.add(frame(numbers[i]));
        CHECK(same(whole, second));
    }
}

TEST_CASE("points that no series can have are refused") {
    auto const good = windows_of({0, 1, 2, 3, 4, 5}, 3);
    CHECK_NOTHROW(FrameWindows(good.points(), 2, 3));
    CHECK_THROWS_AS(FrameWindows(good.points(), 1, 3), DataError); // they are several frames
    CHECK_THROWS_AS(FrameWindows(good.points(), 3, 3), DataError); // no power of 2
    CHECK_THROWS_AS(FrameWindows(good.points(), 0, 3), DataError);
    CHECK_THROWS_AS(FrameWindows(good.points(), std::uint64_t{1} << 63, 3), DataError);   // wider than any series
    CHECK_THROWS_AS(FrameWindows({good.points()[1], good.points()[0]}, 2, 3), DataError); // not in order
    CHECK_THROWS_AS(FrameWindows({frame(1ULL << 40)}, 1, 3), DataError);                  // beyond belief
}
