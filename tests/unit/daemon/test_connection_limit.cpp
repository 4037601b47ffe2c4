// How many may be connected to a socket: the oldest stay, the newest go, and it is told.
#include "daemon/run/zmq_interrupted.hpp"
#include "daemon/security/connection_limit.hpp"
#include "tests/support/fake_clock.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

using namespace sqd;
using namespace sqd::test;
using namespace std::chrono_literals;

namespace {

struct Door {
    zmq::context_t context;
    FakeClock clock;
    Counters counters;
    AlarmBoard alarms;
    zmq::socket_t bound{context, zmq::socket_type::rep};
    PeerWatch peers{context, bound};
    ConnectionLimit limit;
    std::deque<zmq::socket_t> clients;

    explicit Door(std::size_t most) : limit("control.bind", "crowd_control", most, peers, alarms, counters, clock) {
        bound.bind("tcp://127.0.0.1:0");
    }
    /// Who is cut off does not come again.
    void come() {
        auto& client = clients.emplace_back(context, zmq::socket_type::req);
        client.set(zmq::sockopt::linger, 0);
        client.set(zmq::sockopt::reconnect_ivl, -1);
        client.connect(bound.get(zmq::sockopt::last_endpoint));
    }
    /// Judges at each news until so many are there and so many have gone; false after a minute without news.
    bool until(std::size_t there, std::uint64_t gone) {
        for (;;) {
            peers.read();
            limit.judge();
            if (peers.peers() == there && peers.gone() == gone) return true;
            std::array<zmq::pollitem_t, 1> items{{{peers.handle(), 0, ZMQ_POLLIN, 0}}};
            poll_sockets(items, 60s);
            if ((items[0].revents & ZMQ_POLLIN) == 0) return false;
        }
    }
    /// Whether the client's question arrives.
    bool is_heard(zmq::socket_t& client) {
        client.send(zmq::buffer(std::string("?")), zmq::send_flags::none);
        bound.set(zmq::sockopt::rcvtimeo, 60'000);
        zmq::message_t question;
        return bound.recv(question).has_value();
    }
};

} // namespace

TEST_CASE("as many as are allowed are no crowd") {
    Door door(3);
    for (int i = 0; i < 3; ++i) door.come();
    CHECK(door.until(3, 0));
    CHECK(door.counters.connections_cut == 0);
    CHECK(door.alarms.current().empty());
}

TEST_CASE("of more the newest are cut off, once each, and the oldest are heard as before") {
    Door door(2);
    door.come();
    REQUIRE(door.until(1, 0));
    for (int i = 0; i < 5; ++i) door.come();
    REQUIRE(door.until(2, 4));
    CHECK(door.counters.connections_cut == 4);
    REQUIRE(door.alarms.current().size() == 1);
    CHECK(door.alarms.current()[0].name == "crowd_control");
    CHECK(door.alarms.current()[0].active);
    CHECK(door.is_heard(door.clients[0]));
}

TEST_CASE("once there is room again the alarm's cause has gone, and who comes then stays") {
    Door door(1);
    door.come();
    REQUIRE(door.until(1, 0));
    door.come();
    REQUIRE(door.until(1, 1));
    door.clients.clear();
    REQUIRE(door.until(0, 2));
    CHECK_FALSE(door.alarms.current().at(0).active);
    door.come();
    REQUIRE(door.until(1, 2));
    CHECK(door.counters.connections_cut == 1);
    CHECK(door.is_heard(door.clients[0]));
}
