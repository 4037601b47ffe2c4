// What bounds the cost of those who ask, and of what was full once.
#include "daemon/run/answer_pace.hpp"
#include "daemon/run/memory_return.hpp"
#include "daemon/token_bucket.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("a bucket gives what it holds at once, then as much as comes, and no clock that goes back fills it") {
    TokenBucket bucket(10, 2, 100);
    int taken = 0;
    while (bucket.left(100) >= 1) {
        bucket.take(1);
        ++taken;
    }
    CHECK(taken == 10);
    CHECK(bucket.seconds_until(1) == 0.5);
    CHECK(bucket.left(100.5) == 1);
    bucket.take(5); // something that cost more than there was
    CHECK(bucket.left(100.5) == -4);
    CHECK(bucket.seconds_until(0) == 2);
    CHECK(bucket.left(50) == -4);
    CHECK(bucket.left(51) == -2);
    CHECK(bucket.left(1e6) == 10);
    CHECK(bucket.seconds_until(1) == 0);
}

TEST_CASE("small requests are bounded in number, large answers in time, and a rest gives both back") {
    AnswerPace pace(0);
    int answered = 0;
    for (; pace.wait_s(0) == 0; ++answered) pace.answered(1e-5);
    CHECK(answered == AnswerPace::requests_at_once);
    CHECK(pace.wait_s(0) == doctest::Approx(1 / AnswerPace::requests_per_s));
    CHECK(pace.wait_s(1e-6 + 1 / AnswerPace::requests_per_s) == 0);
    CHECK(pace.wait_s(1000) == 0);
    for (answered = 0; pace.wait_s(1000) == 0; ++answered) pace.answered(1.0 / 64); // all finals that are kept, four times
    CHECK(answered == 1 + AnswerPace::core_at_once_s * 64);
    CHECK(pace.wait_s(1000) == 1.0 / 64 / AnswerPace::core_share);
}

TEST_CASE("memory goes back once when much waited and little is left, not while it is used, and not every moment") {
    constexpr std::size_t MB = 1 << 20;
    MemoryReturn memory;
    CHECK_FALSE(memory.due(MemoryReturn::much - 1, false, 0, 1));
    CHECK_FALSE(memory.due(0, false, 0, 2)); // it was little
    CHECK_FALSE(memory.due(800 * MB, true, 0, 3));
    CHECK_FALSE(memory.due(101 * MB, false, 0, 4));
    CHECK_FALSE(memory.due(100 * MB, true, 0, 5)); // the last of it
    CHECK(memory.due(100 * MB, false, 0, 6));
    CHECK_FALSE(memory.due(0, false, 0, 7));
    CHECK_FALSE(memory.due(800 * MB, true, 0, 8));
    CHECK_FALSE(memory.due(0, false, 0, 6 + MemoryReturn::at_most_every_s - 1));
    CHECK(memory.due(0, false, 0, 6 + MemoryReturn::at_most_every_s));
}

TEST_CASE("memory goes back after a series, whatever waited, once it is reduced") {
    MemoryReturn memory;
    CHECK_FALSE(memory.due(0, false, 0, 1));
    CHECK_FALSE(memory.due(0, true, 1, 2));
    CHECK_FALSE(memory.due(MemoryReturn::much / 4, false, 1, 3)); // the next one comes faster than it is summed
    CHECK(memory.due(0, false, 1, 4));
    CHECK_FALSE(memory.due(0, false, 1, 4 + 2 * MemoryReturn::at_most_every_s)); // none ended since
    CHECK(memory.due(0, false, 2, 5 + 2 * MemoryReturn::at_most_every_s));
}
