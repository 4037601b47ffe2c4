// Orders of control: in turn, after what was received before, never waited for without end.
#include "pipeline/stream/scan_orders.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <future>

using namespace sqd;
using namespace std::chrono_literals;

namespace {

using What = ScanOrder::What;

} // namespace

TEST_CASE("an order is due once the events that came before it have been worked off") {
    ScanOrders orders;
    CHECK_FALSE(orders.take(100)); // none was given
    CHECK(orders.give({What::end}, 5, 0ms) == Obeyed::later);
    CHECK_FALSE(orders.take(4));
    auto const order = orders.take(5);
    REQUIRE(order);
    CHECK(order->what == What::end);
    CHECK_FALSE(orders.take(5));
}

TEST_CASE("orders are obeyed in the turn they were given") {
    ScanOrders orders;
    orders.give({What::end}, 3, 0ms);
    orders.give({What::begin, {"uid", {}}}, 3, 0ms);
    CHECK(orders.take(3)->what == What::end);
    auto const second = orders.take(3);
    CHECK(second->what == What::begin);
    CHECK(second->scan.uid == "uid");
}

TEST_CASE("who gives an order hears when it was obeyed, and not of an earlier one") {
    ScanOrders orders;
    CHECK(orders.give({What::begin}, 0, 0ms) == Obeyed::later);
    auto given = std::async(std::launch::async, [&] { return orders.give({What::end}, 0, 60s); });
    REQUIRE(orders.take(0));
    orders.obeyed(true); // the first
    CHECK(given.wait_for(20ms) == std::future_status::timeout);
    while (!orders.take(0)) {
    }
    orders.obeyed(false);
    CHECK(given.get() == Obeyed::now);
}

TEST_CASE("who gives an order hears whether a restart knows that it was done") {
    for (bool const durable : {true, false}) {
        ScanOrders orders;
        auto given = std::async(std::launch::async, [&] { return orders.give({What::end}, 0, 60s); });
        while (!orders.take(0)) {
        }
        orders.obeyed(durable);
        CHECK(given.get() == (durable ? Obeyed::durable : Obeyed::now));
    }
}

TEST_CASE("a processing that stands still lets so many wait and no more") {
    ScanOrders orders;
    for (std::size_t i = 0; i < ScanOrders::most_waiting; ++i) CHECK(orders.give({What::reset}, 9, 0ms) == Obeyed::later);
    CHECK_FALSE(orders.give({What::reset}, 9, 0ms).has_value());
}
