// What a watcher makes of headers: the line, what is old, what is silent, what is final.
#include "daemon/verbs/watch_line.hpp"

#include "daemon/verbs/terminal_text.hpp"
#include "tests/support/full_result.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace sqd;

namespace {

Json heartbeat(std::uint64_t seq, std::string const& epoch = "e1") {
    Json const said = {{"schema", "sqd.status/1.0"},
                       {"instance", "id13"},
                       {"epoch", epoch},
                       {"seq", seq},
                       {"state", "running"},
                       {"reason", "sample 'vit4_643K' is being measured"},
                       {"alarms", Json::array({{{"name", "decode"}, {"message", "bad"}}, {{"name", "overload"}, {"message", "lost"}}})},
                       {"scan", {{"uid", "u1"}, {"id", "vit4_643K"}, {"role", "sample"}}},
                       {"frames", {{"expected", 1800}, {"received", 1205}, {"used", 1140}, {"rejected", 60}, {"missing", 3}}},
                       {"rate_hz", 49.96},
                       {"eta_s", 12.2}};
    return Json::parse(said.dump()); // as it comes from the wire
}

/// The messages of a result as the daemon publishes them, of scan u1.
std::vector<Json> result_headers(ResultState state, std::uint64_t result, Sequence& sequence, Role role = Role::sample) {
    ReducedResult r = test::full_result("u1", result);
    r.state = state;
    r.scan.role = role;
    if (role != Role::sample) r.curves.fsdp.reset();
    std::vector<Json> out;
    for (WireMessage const& message : result_messages(r, {"id13", "e1"}, sequence, 0)) out.push_back(message.header);
    return out;
}

bool shows(std::string const& line, std::string const& words) {
    CAPTURE(line);
    return line.find(words) != std::string::npos;
}

} // namespace

TEST_CASE("the line says state, scan, frames, rate, time left, peak with errors, alarms") {
    WatchState state;
    Sequence sequence;
    CHECK(watch_line(state, 0, false).empty());
    CHECK(state.take(heartbeat(1), 100) == Heard::heartbeat);
    for (Json const& header : result_headers(ResultState::partial, 5, sequence)) CHECK(state.take(header, 100) == Heard::result);
    std::string const line = watch_line(state, 100.5, false);
    CHECK(line.size() <= 80);
    for (char const* words : {"id13 ALARM 2 running vit4", "1205/1800 66%", "q1 2.62430(7) model 0.0006 dist 0.0009"})
        CHECK(shows(line, words));
    CHECK_FALSE(shows(line, "\x1b"));
    CHECK_FALSE(shows(line, "chi2")); // 5 is not above 10
    CHECK(shows(watch_line(state, 100.5, true), "\x1b[32mrunning\x1b[0m"));
    CHECK(shows(watch_line(state, 100.5, true), "\x1b[31mALARM 2\x1b[0m"));
}

TEST_CASE("rate, time left, width and the alarms' names are shown where there is room") {
    WatchState state;
    Json beat = heartbeat(1);
    beat["scan"]["id"] = "vit4";
    beat["alarms"] = Json::array();
    beat["frames"]["missing"] = 0;
    state.take(beat, 0);
    CHECK(watch_line(state, 0, false) == "id13 running vit4 1205/1800 66% 50.0 Hz ETA 12 s");
    beat["seq"] = 2u;
    beat["frames"]["missing"] = 3u;
    state.take(beat, 0);
    CHECK(watch_line(state, 0, false) == "id13 running vit4 1205/1800 66% 3 missing 50.0 Hz ETA 12 s");
    beat["seq"] = 3u;
    beat["frames"]["missing"] = 0;
    state.take(beat, 0);
    Json const peak = {{"schema", "sqd.fsdp/1.0"},
                       {"epoch", "e1"},
                       {"seq", 1},
                       {"scan", {{"uid", "u1"}, {"id", "vit4"}}},
                       {"values", {{"q1", 2.61291}, {"q1_sigma", 0.00004}, {"q1_sigma_model", 0.016}, {"chi2_reduced", 90.2}}}};
    state.take(Json::parse(peak.dump()), 0);
    CHECK(watch_line(state, 0, false) == "id13 running vit4 1205/1800 66% ETA 12 s q1 2.61291(4) model 0.016 chi2 90");
    beat = heartbeat(4);
    beat.erase("scan"), beat.erase("frames"), beat.erase("rate_hz"), beat.erase("eta_s");
    beat["state"] = "ready";
    state.take(beat, 0);
    CHECK(watch_line(state, 0, false) == "id13 ALARM 2 ready last vit4 q1 2.61291(4) model 0.016 chi2 90 decode, overload");
}

TEST_CASE("whatever the names and numbers, the line has 80 columns at most and q1 is whole") {
    for (std::size_t length : {1u, 8u, 40u, 200u}) {
        WatchState state;
        Sequence sequence;
        Json beat = heartbeat(1);
        beat["instance"] = std::string(length, 'i');
        beat["scan"]["id"] = std::string(length, 's');
        beat["frames"]["expected"] = 180000u;
        beat["frames"]["received"] = 120500u;
        state.take(beat, 0);
        for (Json const& header : result_headers(ResultState::partial, 5, sequence)) state.take(header, 0);
        std::string const line = watch_line(state, 0, false);
        CHECK(line.size() <= 80);
        for (char const* words : {"ALARM 2 running", "120500/180000", "q1 2.62430(7) model 0.0006 dist 0.0009"}) CHECK(shows(line, words));
        CHECK(shows(watch_line(state, 9, false), "SILENT 9 s (running)"));
        CHECK(watch_line(state, 9, false).size() <= 80);
        beat = heartbeat(2);
        beat["state"] = "fault";
        beat["reason"] = std::string(length, 'r');
        state.take(beat, 0);
        CHECK(watch_line(state, 0, false).size() <= 80);
    }
}

TEST_CASE("without a heartbeat for 3 s the line says that the daemon is silent") {
    WatchState state;
    state.take(heartbeat(1), 100);
    CHECK_FALSE(state.stale(102.9));
    CHECK(state.stale(103.1));
    CHECK(shows(watch_line(state, 104, false), "SILENT 4 s (running)"));
    Sequence sequence;
    for (Json const& header : result_headers(ResultState::partial, 5, sequence)) state.take(header, 104);
    CHECK(state.stale(104)); // results are no heartbeat
    state.take(heartbeat(2), 105);
    CHECK_FALSE(state.stale(105));
}

TEST_CASE("what is not newer than what was heard of its kind is dropped, until the daemon starts again") {
    WatchState state;
    CHECK(state.take(heartbeat(7), 1) == Heard::heartbeat);
    CHECK(state.take(heartbeat(7), 2) == Heard::old);
    CHECK(state.take(heartbeat(6), 3) == Heard::old);
    CHECK(state.stale(5));
    CHECK(state.take(heartbeat(1, "e2"), 5) == Heard::heartbeat);
    CHECK(state.take(heartbeat(8), 5) == Heard::heartbeat);
}

TEST_CASE("a final counts once however many kinds it has; partials and aborted scans do not count") {
    WatchState state;
    Sequence sequence;
    for (Json const& header : result_headers(ResultState::partial, 1, sequence)) state.take(header, 0);
    for (Json const& header : result_headers(ResultState::aborted, 2, sequence)) state.take(header, 0);
    CHECK(state.finals() == 0);
    for (Json const& header : result_headers(ResultState::final, 3, sequence)) CHECK(state.take(header, 0) == Heard::final_result);
    CHECK(state.finals() == 1);
    for (Json const& header : result_headers(ResultState::final, 4, sequence)) state.take(header, 0);
    CHECK(state.finals() == 2);
}

TEST_CASE("a final is told once: by its peak, or by why it has none") {
    auto const told = [](std::vector<Json> const& headers) {
        std::vector<std::string> lines;
        for (Json const& header : headers)
            if (auto const line = final_line(header); !line.empty()) lines.push_back(line);
        return lines;
    };
    Sequence sequence;
    auto sample = result_headers(ResultState::final, 3, sequence);
    for (Json& header : sample) header["flags"] = Json::array(); // the full result claims a failure as well
    REQUIRE(told(sample).size() == 1);
    CHECK(shows(told(sample)[0], "final vit4_643K #3  q1 2.62430(7) model 0.0006 dist 0.0009"));
    auto const air = told(result_headers(ResultState::final, 4, sequence, Role::background));
    REQUIRE(air.size() == 1);
    CHECK(shows(air[0], "#4  (background)"));
    CHECK(told(result_headers(ResultState::partial, 5, sequence)).empty());
}

TEST_CASE("the peak of another scan is not shown beside the one that runs") {
    WatchState state;
    Sequence sequence;
    for (Json const& header : result_headers(ResultState::final, 5, sequence)) state.take(header, 0);
    Json beat = heartbeat(1);
    beat["scan"]["uid"] = "u2";
    state.take(beat, 0);
    CHECK_FALSE(shows(watch_line(state, 0, false), "q1"));
    beat = heartbeat(2);
    beat.erase("scan");
    state.take(beat, 0);
    CHECK_FALSE(shows(watch_line(state, 0, false), "q1")); // u2 left no peak, and u1's is not the last one's
    for (Json const& header : result_headers(ResultState::final, 6, sequence)) state.take(header, 0);
    CHECK(shows(watch_line(state, 0, false), "last vit4_643K q1")); // between scans the last one stays, by its name
    beat = heartbeat(3);
    beat["state"] = "ready";
    state.take(beat, 0);
    CHECK(shows(watch_line(state, 0, false), "last vit4_643K q1"));
}

TEST_CASE("hostile or odd headers do no harm") {
    WatchState state;
    CHECK(state.take(Json::parse("17"), 0) == Heard::old);
    CHECK(state.take(Json::parse("null"), 0) == Heard::old);
    CHECK(state.take(Json::parse(R"({"schema":"other.status/1.0","seq":1})"), 0) == Heard::old);
    CHECK(state.take(Json::parse(R"({"schema":"sqd.status/1.0","seq":-1})"), 0) == Heard::old);
    state.take(
        Json::parse(R"({"schema":"sqd.status/1.0","seq":1,"state":5,"alarms":"x","scan":[1],"frames":7,"rate_hz":"fast","eta_s":1e300})"),
        0);
    Json beat = heartbeat(2, "");
    beat["scan"]["id"] = "\x1b[2J\r\n\x07";
    watch_line(state, 0, false);
    state.take(beat, 0);
    CHECK_FALSE(shows(watch_line(state, 0, false), "\x1b"));
    CHECK_FALSE(shows(watch_line(state, 0, false), "\n"));
    state.take(Json::parse(R"({"schema":"sqd.fsdp/1.0","seq":1,"state":"final","values":[],"scan":null,"result":"x"})"), 0);
    CHECK(state.finals() == 1);
}

TEST_CASE("digits follow the uncertainty, 0.001 at least") {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(with_error(2.6243, 0.00007) == "2.62430 +- 0.00007");
    CHECK(with_error(2.6243, 0.00012) == "2.62430 +- 0.00012");
    CHECK(with_error(2.6243, 0.0009) == "2.6243 +- 0.0009");
    CHECK(with_error(2.6243, 0.3) == "2.624 +- 0.300");
    CHECK(with_error(2.6243, 1e-9) == "2.624300 +- 0.000000");
    CHECK(with_error(2.6243, 0) == "2.6243");
    CHECK(with_error(2.6243, nan) == "2.6243");
    CHECK(fixed(1e300, 1).size() == 303);
    CHECK(with_digits(2.61291, 0.00004) == "2.61291(4)");
    CHECK(with_digits(2.6243, 0.00012) == "2.62430(12)");
    CHECK(with_digits(2.6243, 1e-9) == "2.624300(0)");
    CHECK(with_digits(2.6243, 0.3) == "2.6(3)");
    CHECK(with_digits(26.243, 3) == "26(3)");
    CHECK(with_digits(2.6243, nan) == "2.6243");
    CHECK(short_sigma(0.016) == "0.016");
    CHECK(short_sigma(0.0009) == "0.0009");
}
