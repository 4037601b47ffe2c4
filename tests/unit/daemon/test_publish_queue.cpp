// Results on their way out: finals wait for room, partials give way, and nothing grows without a bound.
#include "daemon/run/publish_queue.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace sqd;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<ReducedResult const> result(ResultState state, std::uint64_t number) {
    auto out = std::make_shared<ReducedResult>();
    out->state = state;
    out->result = number;
    return out;
}

std::uint64_t number_of(std::optional<PublishQueue::Item> const& item) {
    return std::get<std::shared_ptr<ReducedResult const>>(*item)->result;
}

using Pushed = PublishQueue::Pushed;

} // namespace

TEST_CASE("of partials the newest waits, finals and notices all do, in their order") {
    PublishQueue queue;
    CHECK(queue.push(result(ResultState::partial, 1), 0ms) == Pushed::waits);
    CHECK(queue.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(queue.push(result(ResultState::final, 2), 0ms) == Pushed::waits);
    CHECK(queue.push(result(ResultState::partial, 3), 0ms) == Pushed::replaced);
    CHECK(queue.push(result(ResultState::aborted, 4), 0ms) == Pushed::waits);
    CHECK(std::holds_alternative<SeriesNotice>(*queue.pop()));
    CHECK(number_of(queue.pop()) == 2);
    CHECK(number_of(queue.pop()) == 3);
    CHECK(number_of(queue.pop()) == 4);
    CHECK_FALSE(queue.pop());
    CHECK(queue.bytes() == 0);
}

TEST_CASE("a full queue lets a final wait, takes it when there is room, and says when there was none") {
    std::size_t const one = published_bytes(*result(ResultState::final, 0));
    PublishQueue queue(3 * one);
    for (std::uint64_t i = 0; i < 3; ++i) CHECK(queue.push(result(ResultState::final, i), 0ms) == Pushed::waits);
    CHECK(queue.push(result(ResultState::final, 3), 0ms) == Pushed::lost);
    CHECK(queue.push(result(ResultState::partial, 4), 10s) == Pushed::lost); // does not wait
    CHECK(queue.push(SeriesNotice{}, 10s) == Pushed::lost);
    auto waiting = std::async(std::launch::async, [&] { return queue.push(result(ResultState::final, 5), 60s); });
    CHECK(number_of(queue.pop()) == 0);
    CHECK(waiting.get() == Pushed::waits);
    CHECK(queue.bytes() <= 3 * one);
}

TEST_CASE("a result larger than the bound goes alone; many small ones are bounded in number") {
    PublishQueue small(1);
    CHECK(small.push(result(ResultState::final, 1), 0ms) == Pushed::waits);
    CHECK(small.push(result(ResultState::final, 2), 0ms) == Pushed::lost);
    PublishQueue few(std::size_t{1} << 40, 2);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::waits);
    CHECK(few.push(SeriesNotice{}, 0ms) == Pushed::lost);
}

TEST_CASE("the weight of a result follows its arrays") {
    ReducedResult plain, curves;
    curves.curves.pattern.q_invA.resize(2300);
    CHECK(published_bytes(curves) > published_bytes(plain) + 2300 * 8 * 10);
    auto cake = std::make_shared<Cake>();
    cake->intensity = Image<double>(360, 1000, 0.0);
    curves.curves.cake = cake;
    CHECK(published_bytes(curves) > std::size_t{3} * 360 * 1000 * 8);
}
