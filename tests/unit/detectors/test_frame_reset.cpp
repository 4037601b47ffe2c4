// Where series begin, told from frame numbers.
#include "detectors/frame_reset.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sqd;

namespace {

/// Which of these numbers, by their place, begin a new series. All have other content, but for those that come again at once.
std::vector<std::size_t> resets(std::vector<std::uint64_t> const& numbers) {
    FrameReset resets;
    std::vector<std::size_t> places;
    for (std::size_t i = 0, content = 0; i < numbers.size(); ++i) {
        if (i == 0 || numbers[i] != numbers[i - 1]) ++content;
        if (resets(numbers[i], content)) places.push_back(i);
    }
    return places;
}

using Places = std::vector<std::size_t>;

} // namespace

TEST_CASE("numbers that go up are one series, whatever is missing between them") {
    CHECK(resets({0, 1, 2, 3, 40, 1000}) == Places{});
    CHECK(resets({17, 18, 19}) == Places{});
}

TEST_CASE("a number coming again after others begins a series, however short it is") {
    CHECK(resets({0, 1, 0, 1, 0, 1}) == Places{2, 4});
    CHECK(resets({0, 1, 2, 3, 0, 1, 2, 3}) == Places{4});
    CHECK(resets({5, 6, 7, 5}) == Places{3});
    CHECK(resets({0, 1, 2, 1, 2}) == Places{3}); // its first frame is lost
}

TEST_CASE("a deep fall begins a series, though its first frames are lost") {
    CHECK(resets({0, 20, 40, 3, 4}) == Places{3});
    CHECK(resets({0, 20, 4, 5}) == Places{}); // 16 below the highest: late
    CHECK(resets({0, 20, 3, 4}) == Places{2});
    CHECK(resets({1000, 999, 1}) == Places{2});
}

TEST_CASE("a number repeated at once is a duplicate") {
    CHECK(resets({5, 5}) == Places{});
    CHECK(resets({0, 0, 0}) == Places{});
    CHECK(resets({0, 1, 1, 2, 2}) == Places{});
    CHECK(resets({1, 0, 0}) == Places{});
}

TEST_CASE("the same number is a duplicate where its content is the same, else the next series") {
    FrameReset reset;
    CHECK_FALSE(reset(5, 100));
    CHECK_FALSE(reset(5, 100));
    CHECK(reset(5, 101)); // a series of one image
    CHECK_FALSE(reset(6, 102));
    CHECK_FALSE(reset(5, 101));
    CHECK_FALSE(reset(21, 103));
    CHECK_FALSE(reset(5, 101));
    CHECK(reset(6, 104));
}

TEST_CASE("what was seen is forgotten with the window") {
    FrameReset reset;
    for (std::uint64_t number = 0; number < 100; ++number) CHECK_FALSE(reset(number, number));
    CHECK_FALSE(reset(90, 90));
    CHECK_FALSE(reset(1000, 7)); // a leap
    CHECK_FALSE(reset(990, 8));
    CHECK(reset(90, 90));
}

TEST_CASE("reordered numbers stay in their series, and the lowest of them is its first") {
    CHECK(resets({1, 0, 2}) == Places{});
    CHECK(resets({1, 0, 2, 5, 3, 4}) == Places{});
    CHECK(resets({1, 0, 2, 3, 0, 1}) == Places{4});
    CHECK(resets({0, 1, 2, 3, 1, 0, 3, 2}) == Places{4}); // the next series, reordered as well
    CHECK(resets({0, 1, 2, 3, 2, 3, 0}) == Places{4});    // the next one without its first frames, and one of those late
}

TEST_CASE("after a restart the next number belongs to the running series") {
    FrameReset reset;
    CHECK_FALSE(reset(7, 1));
    CHECK_FALSE(reset(8, 2));
    reset.restart();
    CHECK_FALSE(reset(7, 3));
    CHECK_FALSE(reset(8, 4));
    CHECK(reset(7, 5));
}

TEST_CASE("the largest numbers there are do not overflow") {
    CHECK(resets({~std::uint64_t{0}, 0, ~std::uint64_t{0}, 0}) == Places{1, 3});
}
