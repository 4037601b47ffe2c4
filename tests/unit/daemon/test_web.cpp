// Health, metrics, pages and the guard of the web part, without a socket; and the server's start.
#include "daemon/web/health.hpp"
#include "daemon/web/metrics_text.hpp"
#include "daemon/web/process_facts.hpp"
#include "daemon/web/web_guard.hpp"
#include "daemon/web/web_pages.hpp"
#include "daemon/web/web_server.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/web_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>

using namespace sqd;
using sqd::test::WebClient;

namespace {

WebFacts well() {
    WebFacts out;
    out.instance = std::string("id13");
    out.version = std::string("1.2.3");
    out.epoch = std::string("e");
    out.loops = {{"processing", 0.01, 15}, {"service", 0.9, 15}, {"archive", 0.1, 60}};
    out.heartbeat = std::make_shared<Json const>(
        Json{{"state", "running"},
             {"phase", "collecting"},
             {"reason", "sample 'a' is being measured"},
             {"alarms", {{{"name", "no_background"}, {"message", "m"}, {"count", 3}}}},
             {"frames", {{"expected", 100}, {"received", 40}, {"used", 39}, {"rejected", 1}, {"missing", 0}, {"pending", 60}}},
             {"rate_hz", 50.5},
             {"lag_s", 0.25},
             {"clients", {{"results", 2}, {"control", 1}, {"gone", 5}, {"refused", 6}}},
             {"counters", {{"messages", 12345678901234}, {"images", 40}, {"archive_free_bytes", 5000}}},
             {"latest_seq", {{"id13/pattern/", 7}, {"id13/status/", 9}}},
             {"uptime_s", 12.5}});
    LatencyFacts latency{"partial", {}, 1.5};
    latency.counts[2] = 4;
    latency.counts.back() = 1;
    out.latencies = {latency};
    return out;
}

WebPages pages(WebFacts facts, std::string const& listen = "127.0.0.1") {
    return WebPages(WebGuard(listen), {.facts = [facts] { return facts; }});
}

WebRequest get(std::string const& target) {
    return {"GET", target, "localhost:8640", {}};
}

/// Samples by their name and labels.
std::map<std::string, std::string> samples(std::string const& text) {
    std::map<std::string, std::string> out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        auto const space = line.rfind(' ');
        CHECK_MESSAGE(out.emplace(line.substr(0, space), line.substr(space + 1)).second, "twice: " << line);
    }
    return out;
}

} // namespace

TEST_CASE("well is who turns all loops, beats and is in no fault") {
    CHECK(health_of(well()).well);
    CHECK(health_of(well()).report["status"] == "ok");
    for (std::size_t i = 0; i < 3; ++i) {
        WebFacts facts = well();
        facts.loops[i].age_s = facts.loops[i].patience_s + 1;
        CHECK_FALSE(health_of(facts).well);
        CHECK(health_of(facts).report["reason"].get<std::string>().find(facts.loops[i].name) != std::string::npos);
        facts.loops[i].age_s.reset();
        CHECK_FALSE(health_of(facts).well);
    }
    WebFacts silent = well();
    silent.heartbeat.reset();
    CHECK_FALSE(health_of(silent).well);
    WebFacts fault = well();
    fault.heartbeat = std::make_shared<Json const>(Json{{"state", "fault"}, {"reason", "shapes disagree"}});
    CHECK_FALSE(health_of(fault).well);
    CHECK(health_of(fault).report["reason"] == "shapes disagree");
}

TEST_CASE("metrics hold what the heartbeat says") {
    auto const found = samples(metrics_text(well()));
    CHECK(found.at("sqd_state{state=\"running\"}") == "1");
    CHECK(found.at("sqd_state{state=\"ready\"}") == "0");
    CHECK(found.at("sqd_messages_total") == "12345678901234");
    CHECK(found.at("sqd_disk_free_bytes{disk=\"archive\"}") == "5000");
    CHECK(found.count("sqd_archive_free_bytes_total") == 0);
    CHECK(found.at("sqd_scan_frames{of=\"pending\"}") == "60");
    CHECK(found.at("sqd_alarm{alarm=\"no_background\"}") == "3");
    CHECK(found.at("sqd_topic_seq{topic=\"id13/pattern/\",kind=\"pattern\"}") == "7");
    CHECK(found.at("sqd_scan_rate_hertz") == "50.5");
    CHECK(found.at("sqd_lag_seconds") == "0.25");
    CHECK(found.at("sqd_clients{socket=\"results\"}") == "2");
    CHECK(found.at("sqd_clients_gone_total") == "5");
    CHECK(found.at("sqd_clients_refused_total") == "6");
    WebFacts facts = well();
    facts.web_viewers_dropped = 5;
    CHECK(samples(metrics_text(facts)).at("sqd_web_viewers_dropped_total") == "5");
}

TEST_CASE("a histogram's classes add up and end with all") {
    auto const found = samples(metrics_text(well()));
    CHECK(found.at("sqd_result_latency_seconds_bucket{state=\"partial\",le=\"0.005\"}") == "0");
    CHECK(found.at("sqd_result_latency_seconds_bucket{state=\"partial\",le=\"0.01\"}") == "4");
    CHECK(found.at("sqd_result_latency_seconds_bucket{state=\"partial\",le=\"10\"}") == "4");
    CHECK(found.at("sqd_result_latency_seconds_bucket{state=\"partial\",le=\"+Inf\"}") == "5");
    CHECK(found.at("sqd_result_latency_seconds_count{state=\"partial\"}") == "5");
    CHECK(found.at("sqd_result_latency_seconds_sum{state=\"partial\"}") == "1.5");
}

TEST_CASE("a latency falls into its class, a clock that was set back gives 0") {
    LatencyHistogram histogram;
    for (double const s : {0.002, 0.0021, 3.0, 11.0, 1e300, -5.0}) histogram.add(s);
    auto const counts = histogram.counts();
    CHECK(counts[0] == 2);
    CHECK(counts[1] == 1);
    CHECK(counts[10] == 1);
    CHECK(counts.back() == 2);
    CHECK(histogram.sum_s() == doctest::Approx(1e6 + 14.0041));
}

TEST_CASE("every family is begun once, with its type, and before its samples") {
    std::set<std::string> families;
    std::string current;
    std::istringstream lines(metrics_text(well()));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string hash, kind, name;
        if (line[0] == '#') {
            words >> hash >> kind >> name;
            if (kind == "HELP") CHECK_MESSAGE(families.insert(name).second, name);
            current = name;
        } else {
            CHECK_MESSAGE(line.substr(0, current.size()) == current, line);
        }
    }
    CHECK(families.size() > 20);
}

TEST_CASE("no name breaks out of its label") {
    CHECK(label_text("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
    WebFacts facts = well();
    facts.heartbeat = std::make_shared<Json const>(Json{{"alarms", {{{"name", "x\"} 1\nforged 2"}, {"count", 1}}}}});
    CHECK(samples(metrics_text(facts)).count("forged") == 0);
}

TEST_CASE("metrics without a heartbeat, and of one that holds other things than expected") {
    WebFacts facts = well();
    facts.heartbeat.reset();
    CHECK(samples(metrics_text(facts)).at("sqd_alarms") == "0");
    facts.heartbeat = std::make_shared<Json const>(
        Json{{"state", 5}, {"alarms", {1, "x"}}, {"frames", "none"}, {"counters", {{"a", "b"}}}, {"latest_seq", {{"", 1}, {"///", 2}}}});
    CHECK_NOTHROW(metrics_text(facts));
}

TEST_CASE("the guard lets in this machine's names and no other") {
    WebGuard const guard("127.0.0.1");
    for (char const* host : {"localhost", "localhost:8640", "LOCALHOST.", "127.0.0.1:1", "[::1]:8640", "[::1]"})
        CHECK_MESSAGE(guard.host_allowed(host), host);
    for (char const* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8640", "192.168.0.1", "[::1", "[]",
                             ":8640", "evil.example:80:localhost"})
        CHECK_MESSAGE(!guard.host_allowed(host), host);
    WebGuard const named("id13.example");
    CHECK(named.host_allowed("ID13.example:8640"));
    CHECK_FALSE(named.host_allowed("192.168.0.1"));
    WebGuard const everywhere("0.0.0.0");
    CHECK(everywhere.host_allowed("192.168.0.1:8640"));
    CHECK(everywhere.host_allowed("[fe80::1]:8640"));
    CHECK_FALSE(everywhere.host_allowed("evil.example"));
}

TEST_CASE("the guard lets in pages of this server and no other") {
    WebGuard const guard("127.0.0.1");
    CHECK(guard.origin_allowed(""));
    CHECK(guard.origin_allowed("http://localhost:8640"));
    for (char const* origin : {"null", "https://evil.example", "http://evil.example", "file://", "localhost"})
        CHECK_MESSAGE(!guard.origin_allowed(origin), origin);
}

TEST_CASE("the guard's matrix: who gets what") {
    auto const answer = pages(well());
    for (char const* method : {"GET", "HEAD"}) {
        for (char const* path : {"/", "/healthz", "/metrics", "/api/v1/status", "/metrics?x=1"})
            CHECK_MESSAGE(answer({method, path, "localhost", {}}).status == 200, path);
        CHECK(answer({method, "/etc/passwd", "localhost", {}}).status == 404);
        CHECK(answer({method, "/metrics", "evil.example", {}}).status == 403);
        CHECK(answer({method, "/metrics", std::nullopt, {}}).status == 403);
        CHECK(answer({method, "/metrics", "localhost", "http://evil.example"}).status ==
              200); // it may ask; the browser keeps it from reading
    }
    for (char const* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
        CHECK(answer({method, "/metrics", "localhost", {}}).status == 405);
        CHECK(answer({method, "/metrics", "localhost", "http://localhost:8640"}).status == 405);
        CHECK(answer({method, "/metrics", "localhost", "http://evil.example"}).status == 403);
        CHECK(answer({method, "/metrics", "localhost", "null"}).status == 403);
        CHECK(answer({method, "/nowhere", "localhost", {}}).status == 404);
    }
    WebFacts silent = well();
    silent.heartbeat.reset();
    CHECK(pages(silent)(get("/healthz")).status == 503);
    CHECK(pages(silent)(get("/api/v1/status")).status == 503);
    CHECK(pages(silent)(get("/metrics")).status == 200);
}

TEST_CASE("the status page is the heartbeat") {
    CHECK(Json::parse(pages(well())(get("/api/v1/status")).body) == *well().heartbeat);
}

TEST_CASE("this process has memory, a thread and descriptors") {
    ProcessFacts const facts = process_facts();
    CHECK(facts.rss_bytes > (1 << 20));
    CHECK(facts.threads >= 1);
    CHECK(facts.open_fds >= 3);
    CHECK(facts.fds_allowed >= facts.open_fds);
}

TEST_CASE("an address that is in use, or none, is an error of the configuration") {
    WebCounts counts;
    auto const answer = [](WebRequest const&) { return WebReply{}; };
    WebServer const first("127.0.0.1:0", {}, {.answer = answer}, counts);
    std::string const taken = first.endpoint().substr(std::string("http://").size());
    CHECK_THROWS_WITH_AS(WebServer(taken, {}, {.answer = answer}, counts), doctest::Contains("web.listen: 127.0.0.1:"), ConfigError);
    CHECK_THROWS_AS(WebServer("203.0.113.7:0", {}, {.answer = answer}, counts), ConfigError);
    CHECK(listen_host("[::1]:8640") == "::1");
}

TEST_CASE("a client that sends byte after byte is dropped when its time is over, one that says nothing too") {
    using Clock = std::chrono::steady_clock;
    WebCounts counts;
    WebLimits const limits{.connections = 3, .patience = std::chrono::milliseconds(300), .keep_alive = std::chrono::milliseconds(300)};
    WebServer server("127.0.0.1:0", limits, {.answer = [](WebRequest const&) { return WebReply{.body = "ok"}; }}, counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    auto const began = Clock::now();
    WebClient trickling(server.endpoint()), silent(server.endpoint()), served(server.endpoint());
    served.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    trickling.say("GET / HTTP/1.1\r\nX: ");
    bool trickling_over = false, silent_over = false, served_over = false;
    while (!(trickling_over && silent_over && served_over)) {
        REQUIRE(Clock::now() - began < std::chrono::seconds(60));
        if (!trickling_over) trickling.say("a");
        trickling_over = trickling_over || trickling.over();
        silent_over = silent_over || silent.over();
        served_over = served_over || served.over();
    }
    CHECK(Clock::now() - began >= limits.patience);
    CHECK(trickling.heard.empty());
    CHECK(served.heard.find("200 OK") != std::string::npos);
    CHECK(counts.requests == 1);
}
