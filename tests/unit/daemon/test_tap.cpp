// The tap: whole messages byte for byte, and nothing that the other side does can hold it up.
#include "daemon/run/tap.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/fake_clock.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

using namespace sqd;
using namespace sqd::test;

namespace {

using Texts = std::vector<std::string>;

constexpr int patience_ms = 20'000;

struct Bench {
    zmq::context_t context{1};
    FakeClock clock;
    Counters counters;
    AlarmBoard alarms;

    Tap tap(bool publish, int queue_messages = 256) {
        TapConfig config;
        config.bind = "tcp://127.0.0.1:0";
        config.publish = publish;
        config.queue_messages = queue_messages;
        return Tap(context, config, counters, alarms, clock);
    }
};

void pass_on(Tap& tap, Texts const& parts) {
    for (std::string const& text : parts) {
        zmq::message_t part(text);
        tap.add(part);
        CHECK(part.to_string() == text); // the caller's message is as it was
    }
    tap.send();
}

Texts receive(zmq::socket_t& socket) {
    Texts texts;
    std::vector<zmq::message_t> parts;
    if (!zmq::recv_multipart(socket, std::back_inserter(parts))) return texts;
    for (auto const& part : parts) texts.push_back(part.to_string());
    return texts;
}

/// Until a message has come through, and all that were sent for it.
void greet(Bench& bench, Tap& tap, zmq::socket_t& receiver) {
    bench.counters.tap_sent = 0;
    receiver.set(zmq::sockopt::rcvtimeo, 10);
    std::uint64_t received = 0;
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while ((received == 0 || received < bench.counters.tap_sent) && std::chrono::steady_clock::now() < deadline) {
        if (received == 0) pass_on(tap, {"hello"});
        if (receive(receiver) == Texts{"hello"}) ++received;
    }
    REQUIRE(received > 0);
    receiver.set(zmq::sockopt::rcvtimeo, patience_ms);
    bench.counters.tap_sent = bench.counters.tap_dropped = 0;
}

} // namespace

TEST_CASE("a receiver gets every message whole, empty parts and many parts, too") {
    for (bool const publish : {false, true}) {
        CAPTURE(publish);
        Bench bench;
        Tap tap = bench.tap(publish);
        zmq::socket_t receiver(bench.context, publish ? zmq::socket_type::sub : zmq::socket_type::pull);
        if (publish) receiver.set(zmq::sockopt::subscribe, "");
        receiver.connect(tap.endpoint());
        greet(bench, tap, receiver);
        std::vector<Texts> const messages{
            {"one"}, {"a", "", std::string(100'000, 'x'), "end"}, {""}, Texts(60, "p"), {std::string("\0\xff\n", 3)}};
        for (auto const& message : messages) pass_on(tap, message);
        for (auto const& message : messages) CHECK(receive(receiver) == message);
        CHECK(bench.counters.tap_sent == messages.size());
        CHECK(bench.counters.tap_dropped == 0);
        CHECK(bench.alarms.current().empty());
    }
}

TEST_CASE("a tap that nobody ever came to counts, and is no alarm") {
    for (bool const publish : {false, true}) {
        CAPTURE(publish);
        Bench bench;
        Tap tap = bench.tap(publish);
        for (int i = 0; i < 1000; ++i) pass_on(tap, {"a", "b"});
        CHECK(bench.counters.tap_sent == 0);
        CHECK(bench.counters.tap_dropped == 1000);
        CHECK(bench.alarms.current().empty());
    }
}

TEST_CASE("a receiver that does not read costs no time: what it has no room for is counted, and an alarm") {
    for (bool const publish : {false, true}) {
        CAPTURE(publish);
        Bench bench;
        Tap tap = bench.tap(publish, 2);
        zmq::socket_t receiver(bench.context, publish ? zmq::socket_type::sub : zmq::socket_type::pull);
        receiver.set(zmq::sockopt::rcvhwm, 1);
        if (publish) receiver.set(zmq::sockopt::subscribe, "");
        receiver.connect(tap.endpoint());
        greet(bench, tap, receiver);
        bench.alarms.clear("tap");
        std::string const image(1'000'000, 'i');
        constexpr unsigned messages = 100;
        for (unsigned i = 0; i < messages; ++i) pass_on(tap, {std::to_string(i), image});
        auto const sent = bench.counters.tap_sent.load();
        CHECK(sent >= 1);
        CHECK(sent + bench.counters.tap_dropped == messages);
        CHECK(bench.counters.tap_dropped > messages / 2);
        REQUIRE(bench.alarms.current().size() == 1);
        CHECK(bench.alarms.current()[0].name == "tap");
        for (unsigned i = 0; i < sent; ++i) CHECK(receive(receiver).size() == 2); // what was counted as sent does come, whole
    }
}

TEST_CASE("a receiver that goes away is an alarm, one that comes later gets what comes then") {
    Bench bench;
    Tap tap = bench.tap(false);
    {
        zmq::socket_t receiver(bench.context, zmq::socket_type::pull);
        receiver.connect(tap.endpoint());
        greet(bench, tap, receiver);
    }
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (bench.counters.tap_dropped == 0 && std::chrono::steady_clock::now() < deadline) pass_on(tap, {"lost", "1"});
    CHECK(bench.counters.tap_dropped > 0);
    CHECK(bench.alarms.current().size() == 1);
    zmq::socket_t second(bench.context, zmq::socket_type::pull);
    second.connect(tap.endpoint());
    greet(bench, tap, second);
    pass_on(tap, {"new", "2"});
    CHECK(receive(second) == Texts{"new", "2"});
}

TEST_CASE("an endpoint that is taken is an error of the configuration") {
    Bench bench;
    Tap const first = bench.tap(false);
    TapConfig config;
    config.bind = first.endpoint();
    CHECK_THROWS_AS(Tap(bench.context, config, bench.counters, bench.alarms, bench.clock), ConfigError);
}

TEST_CASE("who subscribes to more than a viewer needs is cut off, and the others go on") {
    Bench bench;
    Tap tap = bench.tap(true);
    zmq::socket_t viewer(bench.context, zmq::socket_type::sub), greedy(bench.context, zmq::socket_type::sub);
    viewer.set(zmq::sockopt::subscribe, "");
    viewer.connect(tap.endpoint());
    greet(bench, tap, viewer);
    greedy.set(zmq::sockopt::sndhwm, 0);
    greedy.set(zmq::sockopt::reconnect_ivl, -1);
    greedy.connect(tap.endpoint());
    std::string const topic(1000, 't');
    for (int i = 0; i < 200; ++i) greedy.set(zmq::sockopt::subscribe, topic + std::to_string(i)); // 200 kB
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (bench.counters.subscribers_cut == 0 && std::chrono::steady_clock::now() < deadline) tap.look_after();
    CHECK(bench.counters.subscribers_cut == 1);
    pass_on(tap, {"after"});
    CHECK(receive(viewer) == Texts{"after"});
}

TEST_CASE("of more receivers than a tap is for the newest are cut off") {
    for (bool const publish : {false, true}) {
        CAPTURE(publish);
        Bench bench;
        Tap tap = bench.tap(publish);
        std::vector<zmq::socket_t> receivers;
        for (std::size_t i = 0; i < ConnectionLimit::of_streams + 10; ++i) {
            auto& one = receivers.emplace_back(bench.context, publish ? zmq::socket_type::sub : zmq::socket_type::pull);
            one.set(zmq::sockopt::reconnect_ivl, -1);
            one.connect(tap.endpoint());
        }
        auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
        while (bench.counters.connections_cut < 10 && std::chrono::steady_clock::now() < deadline) tap.look_after();
        CHECK(bench.counters.connections_cut == 10);
        CHECK(bench.alarms.current().at(0).name == "crowd_tap");
    }
}
