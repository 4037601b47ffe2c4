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
    BoundedQueue<int> queue(16);
    constexpr int n = 20000;
    std::jthread producer([&] {
        for (int i = 0; i < n; ++i) {
            int item = i;
            while (!queue.push(item, 1, 1000ms)) {
            }
        }
        queue.close();
    });
    long long sum = 0;
    int expected = 0;
    bool ordered = true;
    while (!queue.drained()) {
        if (auto item = queue.pop(1000ms)) {
            ordered = ordered && *item == expected++;
            sum += *item;
        }
    }
    CHECK(ordered);
    CHECK(sum == static_cast<long long>(n) * (n - 1) / 2);
    CHECK(queue.high_water() <= 16);
}
