// The queue between threads: order, bound, closing.
#include "pipeline/stream/bounded_queue.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <thread>

using namespace sqd;
using namespace std::chrono_literals;

TEST_CASE("items come out in the order they went in") {
    BoundedQueue<int> queue(100);
    for (int i = 0; i < 5; ++i) CHECK(queue.push(i, 1, 0ms));
    for (int i = 0; i < 5; ++i) CHECK(queue.pop(0ms) == i);
    CHECK_FALSE(queue.pop(0ms).has_value());
}

TEST_CASE("the bound is on weight, and a refused item is untouched") {
    BoundedQueue<std::string> queue(10);
    std::string a = "a", b = "b";
    CHECK(queue.push(a, 8, 0ms));
    CHECK_FALSE(queue.push(b, 3, 0ms));
    CHECK(b == "b");
    CHECK(queue.weight() == 8);
    CHECK(queue.push_always("end"));
    CHECK(queue.pop(0ms) == "a");
    CHECK(queue.push(b, 3, 0ms));
    CHECK(queue.high_water() == 8);
}

TEST_CASE("an item heavier than the bound passes an empty queue") {
    BoundedQueue<int> queue(10);
    int item = 1;
    CHECK(queue.push(item, 1000, 0ms));
    CHECK(queue.pop(0ms) == 1);
}

TEST_CASE("the bound is on the number of items, too: without weight they wait for a place") {
    BoundedQueue<int> queue(100, 4);
    for (int i = 0; i < 4; ++i) CHECK(queue.push_always(i));
    int item = 4;
    CHECK_FALSE(queue.push(item, 0, 0ms));
    std::jthread pusher([&] { CHECK(queue.push_always(4)); });
    for (int i = 0; i < 5; ++i) CHECK(queue.pop(10s) == i);
}

TEST_CASE("who waits for a place in a queue that closes is let go") {
    BoundedQueue<int> queue(100, 1);
    CHECK(queue.push_always(0));
    std::jthread closer([&] { queue.close(); });
    CHECK_FALSE(queue.push_always(1));
    CHECK(queue.pop(0ms) == 0);
    CHECK(queue.drained());
}

TEST_CASE("a closed queue takes nothing and gives what it holds") {
    BoundedQueue<int> queue(10);
    int item = 1;
    queue.push(item, 1, 0ms);
    queue.close();
    CHECK_FALSE(queue.push(item, 1, 0ms));
    CHECK_FALSE(queue.push_always(2));
    CHECK_FALSE(queue.drained());
    CHECK(queue.pop(0ms) == 1);
    CHECK(queue.drained());
}

TEST_CASE("nothing is lost or doubled between two threads, and the bound holds") {
    constexpr std::size_t many = BoundedQueue<int>::default_items;
    std::size_t slots = 0;
    SUBCASE("bounded by weight") {
        slots = many;
    }
    SUBCASE("bounded by number") {
        slots = 8;
    }
    BoundedQueue<int> queue(16, slots);
    constexpr int n = 20000;
    std::jthread producer([&] {
        for (int i = 0; i < n; ++i) {
            int item = i;
            while (!(i % 100 == 99 ? queue.push_always(item) : queue.push(item, 1, 1000ms))) {
            }
        }
        queue.close();
    });
    long long sum = 0;
    int expected = 0;
    bool ordered = true;
    while (!queue.drained()) {
        if (auto item = queue.pop(10s)) { // a wake-up that is lost shows as a test that takes seconds an item
            ordered = ordered && *item == expected++;
            sum += *item;
        }
    }
    CHECK(ordered);
    CHECK(sum == static_cast<long long>(n) * (n - 1) / 2);
    CHECK(queue.high_water() <= 16);
}
