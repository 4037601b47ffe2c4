// Results on their way out: finals wait for room, partials give way, and nothing grows without a bound.
#include "daemon/run/publish_queue.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace sqd;
using namespace std::chrono_literals;

namespace {

Messages result(char const* state, std::uint64_t seq) {
    return std::make_shared<std::vector<WireMessage> const>(
        std::vector<WireMessage>{{"id13/pattern/", {{"state", state}, {"seq", seq}}, {std::string(10'000, 'x')}}});
}

std::uint64_t number_of(std::optional<PublishQueue::Item> const& item) {
    return std::get<Messages>(*item)->front().header.at("seq").get<std::uint64_t>();
}

using Pushed = PublishQueue::Pushed;

} // namespace

TEST_CASE("while there is room everything waits, in its order") {
    PublishQueue queue;
    CHECK(queue.push(result("partial", 1), 0ms) == Pushed::waits);
    CHECK(queue.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(queue.push(result("final", 2), 0ms) == Pushed::waits);
    CHECK(queue.push(result("partial", 3), 0ms) == Pushed::waits);
    CHECK(number_of(queue.pop()) == 1);
    CHECK(std::holds_alternative<SeriesNotice>(*queue.pop()));
    CHECK(number_of(queue.pop()) == 2);
    CHECK(number_of(queue.pop()) == 3);
    CHECK_FALSE(queue.pop());
    CHECK(queue.bytes() == 0);
}

TEST_CASE("where there is none, older partials give way to whatever comes, finals never") {
    std::size_t const one = size_of(*result("final", 0));
    PublishQueue queue(3 * one + one / 2);
    queue.push(result("partial", 1), 0ms);
    queue.push(result("final", 2), 0ms);
    queue.push(result("partial", 3), 0ms);
    CHECK(queue.push(result("partial", 4), 0ms) == Pushed::instead);
    CHECK(queue.push(result("aborted", 5), 0ms) == Pushed::instead);
    CHECK(queue.push(result("final", 6), 0ms) == Pushed::instead);
    CHECK(queue.push(result("partial", 7), 10s) == Pushed::lost); // does not wait
    CHECK(number_of(queue.pop()) == 2);
    CHECK(number_of(queue.pop()) == 5);
    CHECK(number_of(queue.pop()) == 6);
    CHECK_FALSE(queue.pop());
}

TEST_CASE("a full queue lets a final wait, takes it when there is room, and says when there was none") {
    std::size_t const one = size_of(*result("final", 0));
    PublishQueue queue(3 * one + one / 2);
    for (std::uint64_t i = 0; i < 3; ++i) CHECK(queue.push(result("final", i), 0ms) == Pushed::waits);
    CHECK(queue.push(result("final", 3), 0ms) == Pushed::lost);
    auto waiting = std::async(std::launch::async, [&] { return queue.push(result("final", 5), 60s); });
    CHECK(number_of(queue.pop()) == 0);
    CHECK(waiting.get() == Pushed::waits);
    CHECK(queue.bytes() <= 3 * one + one / 2);
}

TEST_CASE("a result larger than the bound goes alone; many small ones are bounded in number") {
    PublishQueue small(1);
    CHECK(small.push(result("final", 1), 0ms) == Pushed::waits);
    CHECK(small.push(result("final", 2), 0ms) == Pushed::lost);
    PublishQueue few(std::size_t{1} << 40, 2);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::lost);
}
