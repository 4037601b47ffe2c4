// Those who look on: one latest slot per topic, frames of float32, and what one who does not read may cost.
#include "daemon/web/latest_board.hpp"
#include "daemon/web/trend_board.hpp"
#include "daemon/web/viewer_frame.hpp"
#include "daemon/web/web_server.hpp"
#include "tests/support/web_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

using namespace sqd;
using sqd::test::WebClient;

namespace {

WireMessage message(std::string const& topic, std::uint64_t seq, std::vector<double> const& values) {
    WireMessage out;
    out.topic = topic;
    out.header = {{"schema", "sqd.sq/1.0"}, {"seq", seq}, {"arrays", Json::array()}};
    out.header["arrays"].push_back({{"name", "S"}, {"unit", ""}, {"dtype", "<f8"}, {"shape", {values.size()}}});
    std::string bytes(values.size() * sizeof(double), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    out.arrays = {bytes};
    return out;
}

struct Read {
    Json header;
    std::vector<float> values;
};

Read read(std::string const& frame) {
    std::uint32_t length = 0;
    REQUIRE(frame.size() >= sizeof length);
    std::memcpy(&length, frame.data(), sizeof length);
    REQUIRE(length % 4 == 0);
    Read out{Json::parse(frame.substr(4, length)), std::vector<float>((frame.size() - 4 - length) / sizeof(float))};
    std::memcpy(out.values.data(), frame.data() + 4 + length, out.values.size() * sizeof(float));
    return out;
}

std::string const upgrade = "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

WebSite site(LatestBoard const& board) {
    return {.answer = [](WebRequest const&) { return WebReply{.body = "ok"}; },
            .refuses_viewer = [](WebRequest const&) { return std::optional<WebReply>{}; },
            .latest = &board};
}

/// Payloads of the frames in what a server sent after its handshake; unmasked, whole frames only.
std::vector<std::string> payloads(std::string const& heard) {
    std::vector<std::string> out;
    std::size_t at = heard.find("\r\n\r\n");
    if (at == std::string::npos) return out;
    for (at += 4; at + 4 <= heard.size();) {
        auto const byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(heard[at + i])); };
        std::uint64_t length = byte(1), head = 2;
        if (length == 126) {
            length = byte(2) << 8 | byte(3);
            head = 4;
        } else if (length == 127) {
            if (at + 10 > heard.size()) break;
            length = 0;
            for (std::size_t i = 2; i < 10; ++i) length = length << 8 | byte(i);
            head = 10;
        }
        if (at + head + length > heard.size()) break;
        if ((byte(0) & 0x0F) == 2) out.push_back(heard.substr(at + head, length));
        at += head + length;
    }
    return out;
}

bool within(std::chrono::seconds patience, auto const& holds) {
    auto const until = std::chrono::steady_clock::now() + patience;
    while (!holds())
        if (std::chrono::steady_clock::now() > until) return false;
    return true;
}

} // namespace

TEST_CASE("a frame holds the header with its topic and the arrays as float32, at whatever length the header has") {
    std::vector<double> const values{0.1, -2.5e30, std::numeric_limits<double>::quiet_NaN(), 3};
    for (std::size_t extra = 0; extra < 5; ++extra) {
        WireMessage wire = message("i/sq/", 7, values);
        wire.header["pad"] = std::string(extra, 'x');
        Read const got = read(*viewer_frame(wire));
        CHECK(got.header["topic"] == "i/sq/");
        CHECK(got.header["seq"] == 7);
        CHECK(got.header["arrays"][0]["dtype"] == "<f4");
        REQUIRE(got.values.size() == values.size());
        CHECK(got.values[0] == 0.1F);
        CHECK(std::isnan(got.values[2]));
        CHECK(*viewer_frame(*sent_message(wire)) == *viewer_frame(wire));
    }
}

TEST_CASE("the board keeps the newest of each topic and tells what changed") {
    LatestBoard board;
    CHECK(board.after(0).empty());
    for (std::uint64_t seq = 1; seq <= 3; ++seq) board.put(sent_message(message("i/sq/", seq, {1})));
    board.put(sent_message(message("i/gr/", 1, {1})));
    auto const all = board.after(0);
    REQUIRE(all.size() == 2);
    CHECK(all.at("i/sq/").message->seq == 3);
    CHECK(board.after(all.at("i/gr/").turn).empty());
    board.put(sent_message(message("i/sq/", 4, {1})));
    auto const news = board.after(all.at("i/gr/").turn);
    CHECK(news.size() == 1);
    CHECK(news.at("i/sq/").message->seq == 4);
}

TEST_CASE("the trend holds peaks alone, the newest, within its bound") {
    TrendBoard trend;
    WireMessage peak = message("i/fsdp/", 1, {});
    trend.add(peak); // no peak's schema
    CHECK(trend.points().empty());
    peak.header = {{"schema", "sqd.fsdp/1.0"},
                   {"scan", {{"uid", "u"}, {"id", "a"}}},
                   {"state", "final"},
                   {"result", 0},
                   {"frames", {{"used", 10}}},
                   {"time", {{"published", "t"}}},
                   {"values", {{"q1", 2.5}, {"model", "x"}}}};
    for (std::size_t i = 0; i < TrendBoard::most_points + 10; ++i) {
        peak.header["result"] = i;
        trend.add(peak);
    }
    auto const points = trend.points();
    REQUIRE(points.size() == TrendBoard::most_points);
    CHECK(points.front()["result"] == 10);
    CHECK(points.back()["q1"] == 2.5);
    CHECK_FALSE(points.back().contains("fwhm"));
    CHECK_FALSE(points.back().contains("model"));
}

TEST_CASE("who comes gets the latest of every topic, then what is new, and in the end the newest") {
    LatestBoard board;
    board.put(sent_message(message("i/sq/", 1, {1})));
    board.put(sent_message(message("i/gr/", 5, {1})));
    WebCounts counts;
    WebServer server("127.0.0.1:0", {.viewer_period = std::chrono::milliseconds(5)}, site(board), counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    WebClient client(server.endpoint());
    client.say(upgrade);
    REQUIRE(within(std::chrono::seconds(30), [&] { return client.over() || payloads(client.heard).size() >= 2; }));
    CHECK(client.heard.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos); // RFC 6455, section 1.3
    CHECK(read(payloads(client.heard)[0]).header["topic"] == "i/gr/");
    CHECK(read(payloads(client.heard)[1]).header["seq"] == 1);
    for (std::uint64_t seq = 2; seq <= 500; ++seq) board.put(sent_message(message("i/sq/", seq, {1})));
    REQUIRE(within(std::chrono::seconds(30), [&] { return client.over() || read(payloads(client.heard).back()).header["seq"] == 500; }));
    CHECK(payloads(client.heard).size() < 500);
}

TEST_CASE("one that does not read costs one frame for as long as patience lasts, and the others nothing") {
    LatestBoard board;
    WebCounts counts;
    WebServer server("127.0.0.1:0", {.patience = std::chrono::seconds(3), .viewer_period = std::chrono::milliseconds(5)}, site(board),
                     counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    std::vector<double> const large(4 << 20, 1.0); // 16 MB on the wire: more than the system holds for a connection
    WebClient idle(server.endpoint()), reader(server.endpoint());
    idle.say(upgrade);
    reader.say(upgrade);
    REQUIRE(within(std::chrono::seconds(30), [&] { return reader.over() || counts.viewers == 2; }));
    std::uint64_t seq = 0;
    SentPtr const first = sent_message(message("i/sq/", ++seq, large));
    board.put(first);
    REQUIRE(within(std::chrono::seconds(60), [&] { return reader.over() || counts.viewers == 1; }));
    CHECK(counts.viewers_dropped == 1);
    CHECK(first.use_count() == 2); // the board's and this one
    for (int i = 0; i < 20; ++i) board.put(sent_message(message("i/gr/", ++seq, {1})));
    CHECK(within(std::chrono::seconds(30), [&] {
        bool const gone = reader.over();
        auto const got = payloads(reader.heard);
        return gone || (!got.empty() && read(got.back()).header["seq"] == seq);
    }));
    CHECK(counts.viewers == 1);
}

TEST_CASE("one that answers no ping is dropped, and counted, though nothing was to be sent") {
    LatestBoard board;
    WebCounts counts;
    WebServer server("127.0.0.1:0", {.keep_alive = std::chrono::milliseconds(200), .viewer_period = std::chrono::milliseconds(5)},
                     site(board), counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    WebClient silent(server.endpoint());
    silent.say(upgrade);
    REQUIRE(within(std::chrono::seconds(30), [&] { return silent.over(); }));
    CHECK(silent.heard.find(" 101 ") != std::string::npos);
    CHECK(within(std::chrono::seconds(30), [&] { return counts.viewers == 0; }));
    CHECK(counts.viewers_dropped == 1);
}

TEST_CASE("as many look on as may; one that speaks is ended; without a board nobody looks on") {
    LatestBoard board;
    WebCounts counts;
    WebServer server("127.0.0.1:0", {.viewers = 1}, site(board), counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    WebClient first(server.endpoint());
    first.say(upgrade);
    REQUIRE(within(std::chrono::seconds(30), [&] { return first.over() || first.heard.find(" 101 ") != std::string::npos; }));
    WebClient second(server.endpoint());
    second.say(upgrade);
    CHECK(within(std::chrono::seconds(30), [&] { return second.over(); }));
    CHECK(second.heard.find(" 503 ") != std::string::npos);
    first.say(std::string("\x81\x82\0\0\0\0hi", 8));
    CHECK(within(std::chrono::seconds(30), [&] { return first.over(); }));
    CHECK(within(std::chrono::seconds(30), [&] { return counts.viewers == 0; }));
    CHECK(counts.viewers_dropped == 0);

    WebSite closed = site(board);
    closed.latest = nullptr;
    WebServer other("127.0.0.1:0", {}, closed, counts);
    std::jthread const other_thread([&other](std::stop_token const& stop) { other.run(stop); });
    WebClient third(other.endpoint());
    third.say(upgrade);
    CHECK(within(std::chrono::seconds(30), [&] { return third.over(); }));
    CHECK(third.heard.find(" 503 ") != std::string::npos);
}
