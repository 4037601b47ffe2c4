// Who is connected to a socket: counted as they come and go, whoever binds.
#include "daemon/run/peer_watch.hpp"
#include "daemon/run/zmq_interrupted.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>

#include <array>
#include <chrono>
#include <string>

using namespace sqd;
using namespace std::chrono_literals;

namespace {

/// Reads until there are so many peers and so many have gone; false after a minute without news.
bool until(PeerWatch& watch, std::size_t peers, std::uint64_t gone) {
    for (;;) {
        watch.read();
        if (watch.peers() == peers && watch.gone() >= gone) return true;
        std::array<zmq::pollitem_t, 1> items{{{watch.handle(), 0, ZMQ_POLLIN, 0}}};
        poll_sockets(items, 60s);
        if ((items[0].revents & ZMQ_POLLIN) == 0) return false;
    }
}

zmq::socket_t socket_of(zmq::context_t& context, zmq::socket_type type) {
    zmq::socket_t out(context, type);
    out.set(zmq::sockopt::linger, 0);
    return out;
}

} // namespace

TEST_CASE("peers of a bound socket are counted as they come and go") {
    zmq::context_t context;
    zmq::socket_t bound = socket_of(context, zmq::socket_type::pub);
    PeerWatch watch(context, bound);
    bound.bind("tcp://127.0.0.1:0");
    CHECK(watch.peers() == 0);
    {
        zmq::socket_t first = socket_of(context, zmq::socket_type::sub);
        first.connect(bound.get(zmq::sockopt::last_endpoint));
        REQUIRE(until(watch, 1, 0));
        zmq::socket_t second = socket_of(context, zmq::socket_type::sub);
        second.connect(bound.get(zmq::sockopt::last_endpoint));
        REQUIRE(until(watch, 2, 0));
    }
    CHECK(until(watch, 0, 2));
}

TEST_CASE("a socket that connects sees its peer go and come back") {
    zmq::context_t context;
    std::string endpoint;
    zmq::socket_t connecting = socket_of(context, zmq::socket_type::pull);
    PeerWatch watch(context, connecting);
    {
        zmq::socket_t bound = socket_of(context, zmq::socket_type::push);
        bound.bind("tcp://127.0.0.1:0");
        endpoint = bound.get(zmq::sockopt::last_endpoint);
        connecting.connect(endpoint);
        REQUIRE(until(watch, 1, 0));
    }
    REQUIRE(until(watch, 0, 1));
    zmq::socket_t again = socket_of(context, zmq::socket_type::push);
    again.bind(endpoint);
    CHECK(until(watch, 1, 1));
}

TEST_CASE("a client that sends more than is allowed is cut off, and counted") {
    zmq::context_t context;
    zmq::socket_t bound = socket_of(context, zmq::socket_type::router);
    bound.set(zmq::sockopt::maxmsgsize, std::int64_t{1} << 20);
    PeerWatch watch(context, bound);
    bound.bind("tcp://127.0.0.1:0");
    zmq::socket_t client = socket_of(context, zmq::socket_type::dealer);
    client.connect(bound.get(zmq::sockopt::last_endpoint));
    REQUIRE(until(watch, 1, 0));
    client.send(zmq::buffer(std::string(10 << 20, 'x')), zmq::send_flags::none);
    for (watch.read(); watch.gone() == 0; watch.read()) {
        std::array<zmq::pollitem_t, 1> items{{{watch.handle(), 0, ZMQ_POLLIN, 0}}};
        poll_sockets(items, 60s);
        REQUIRE((items[0].revents & ZMQ_POLLIN) != 0);
    }
    CHECK(watch.gone() >= 1);
}
