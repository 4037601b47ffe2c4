// The simulated detector's socket: order, losses, subscribers; and the ring of frames prepared ahead.
#include "daemon/simulate/detector_socket.hpp"
#include "daemon/simulate/frame_ring.hpp"
#include "daemon/simulate/player.hpp"
#include "detectors/simulated/faults.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace sqd::simulated;
using std::chrono::milliseconds;

namespace {

SharedMessage numbered(std::uint64_t i) {
    return shared({part_of(std::to_string(i)), part_of(std::string(100, 'x'))});
}

SeriesMessages series_of(std::uint64_t frames) {
    return {shared({part_of("start")}), frames, numbered, shared({part_of("end")}), false};
}

/// First parts of the next messages.
std::vector<std::string> receive(zmq::socket_t& socket, std::size_t count) {
    socket.set(zmq::sockopt::rcvtimeo, 20'000);
    std::vector<std::string> texts;
    for (std::vector<zmq::message_t> parts; texts.size() < count; parts.clear()) {
        if (!zmq::recv_multipart(socket, std::back_inserter(parts))) break;
        texts.push_back(parts.at(0).to_string());
    }
    return texts;
}

std::vector<std::string> whole_series(std::uint64_t frames) {
    std::vector<std::string> texts{"start"};
    for (std::uint64_t i = 0; i < frames; ++i) texts.push_back(std::to_string(i));
    texts.push_back("end");
    return texts;
}

void ignore(std::uint64_t) {}

} // namespace

TEST_CASE("frames leave the ring in order, whoever prepared them") {
    FrameRing ring(500, numbered, 4, 8);
    for (std::uint64_t i = 0; i < 500; ++i) CHECK(copied(ring.next()) == copied(numbered(i)));
}

TEST_CASE("the ring prepares no more than its depth ahead") {
    std::atomic<std::uint64_t> begun{0}, given{0};
    std::atomic<bool> too_far{false};
    FrameRing ring(
        200,
        [&](std::uint64_t i) {
            ++begun;
            if (i >= given + 5 + 1) too_far = true; // + 1: `given` lags behind the ring's own count
            return numbered(i);
        },
        3, 5);
    for (; given < 200; ++given) ring.next();
    CHECK(begun == 200);
    CHECK_FALSE(too_far);
}

TEST_CASE("a frame that cannot be prepared is an error where it is awaited") {
    FrameRing ring(
        3, [](std::uint64_t i) -> SharedMessage { throw std::runtime_error("frame " + std::to_string(i)); }, 1, 2);
    CHECK_THROWS_AS(ring.next(), std::runtime_error);
}

TEST_CASE("a ring that is given up early ends") {
    FrameRing const ring(1'000'000, numbered, 2, 4);
}

TEST_CASE("a client gets the whole series, in order, as fast as it takes it") {
    DetectorSocket detector({"tcp://127.0.0.1:0"});
    zmq::context_t context;
    zmq::socket_t client(context, zmq::socket_type::pull);
    client.connect(detector.endpoint());
    CHECK(detector.wait_for_client(milliseconds(20'000)));
    std::vector<std::string> texts;
    std::jthread reader([&] { texts = receive(client, whole_series(2000).size()); });
    auto const played = play(series_of(2000), orderly(2000), outlet_to(detector), 0, ignore);
    reader.join();
    CHECK(played.sent == 2000);
    CHECK(played.dropped == 0);
    CHECK(texts == whole_series(2000));
}

TEST_CASE("a subscriber gets the whole series, in order") {
    DetectorSocket detector({"tcp://127.0.0.1:0", false, true});
    CHECK_FALSE(detector.wait_for_client(milliseconds(0)));
    zmq::context_t context;
    zmq::socket_t client(context, zmq::socket_type::sub);
    client.set(zmq::sockopt::subscribe, "");
    client.connect(detector.endpoint());
    CHECK(detector.wait_for_client(milliseconds(20'000)));
    std::vector<std::string> texts;
    std::jthread reader([&] { texts = receive(client, whole_series(2000).size()); });
    auto const played = play(series_of(2000), orderly(2000), outlet_to(detector), 0, ignore);
    reader.join();
    CHECK(played.sent == 2000);
    CHECK(texts == whole_series(2000));
}

TEST_CASE("without a client frames are dropped and counted, and nothing waits") {
    for (auto const publish : {false, true}) {
        CAPTURE(publish);
        DetectorSocket detector({"tcp://127.0.0.1:0", false, publish});
        auto series = series_of(50);
        series.end.clear();
        auto const played = play(series, orderly(50), outlet_to(detector), 1e6, ignore);
        CHECK(played.sent == 0);
        CHECK(played.dropped == 50);
        CHECK(detector.try_send(shared({part_of("x")})) == Delivery::refused);
    }
}

TEST_CASE("a second client takes every other message, and what it took is known") {
    DetectorSocket detector({"tcp://127.0.0.1:0"});
    zmq::context_t context;
    zmq::socket_t client(context, zmq::socket_type::pull);
    client.connect(detector.endpoint());
    REQUIRE(detector.wait_for_client(milliseconds(20'000)));
    detector.let_thief_in();
    auto const robbed = play(series_of(100), orderly(100), outlet_to(detector), 0, ignore);
    detector.chase_thief_out();
    CHECK(robbed.sent + robbed.stolen == 100);
    CHECK(robbed.sent == 50);
    auto const whole = play(series_of(100), orderly(100), outlet_to(detector), 0, ignore);
    CHECK(whole.sent == 100);
    CHECK(whole.stolen == 0);
    std::vector<std::string> told;
    for (auto const& sending : robbed.delivered) {
        bool const frame = sending.what == Sending::What::frame;
        told.push_back(frame ? std::to_string(sending.frame) : sending.what == Sending::What::start ? "start" : "end");
    }
    for (auto const& text : whole_series(100)) told.push_back(text);
    std::vector<std::string> got;
    client.set(zmq::sockopt::rcvtimeo, 20'000);
    for (std::vector<zmq::message_t> parts; got.size() < told.size(); parts.clear()) {
        if (!zmq::recv_multipart(client, std::back_inserter(parts))) break;
        got.push_back(parts.at(0).to_string());
    }
    CHECK(got == told);
    DetectorSocket publisher({"tcp://127.0.0.1:0", false, true});
    CHECK_THROWS_AS(publisher.let_thief_in(), sqd::DataError);
}

TEST_CASE("a connection that dies in the middle of a message costs that message, whole") {
    for (bool const publish : {false, true}) {
        for (bool const connects : {false, true}) {
            CAPTURE(publish);
            CAPTURE(connects);
            zmq::context_t context;
            zmq::socket_t client(context, publish ? zmq::socket_type::sub : zmq::socket_type::pull);
            if (publish) client.set(zmq::sockopt::subscribe, "");
            if (connects) client.bind("tcp://127.0.0.1:0");
            DetectorSocket detector(
                {connects ? client.get(zmq::sockopt::last_endpoint) : std::string("tcp://127.0.0.1:0"), connects, publish});
            if (!connects) client.connect(detector.endpoint());
            std::vector<std::string> texts;
            // Reading already: a SUB socket that binds subscribes only when it is used.
            std::jthread reader([&] { texts = receive(client, whole_series(20).size() - 1); });
            REQUIRE(detector.wait_for_client(milliseconds(20'000)));
            auto const schedule = misbehave(orderly(20), parse_fault("disconnect=7"));
            auto const played = play(series_of(20), schedule, outlet_to(detector), 0, ignore);
            reader.join();
            auto wanted = whole_series(20);
            wanted.erase(wanted.begin() + 8);
            if (connects) { // the client has two connections then, and reads them in turns
                std::ranges::sort(texts);
                std::ranges::sort(wanted);
            }
            CHECK(texts == wanted);
            CHECK(text_of(played.delivered) == "start 0-6 7(torn) 8-19 end");
        }
    }
}

TEST_CASE("an endpoint that is taken is an error") {
    DetectorSocket const first({"tcp://127.0.0.1:0"});
    CHECK_THROWS_AS(DetectorSocket({first.endpoint()}), sqd::IoError);
}
