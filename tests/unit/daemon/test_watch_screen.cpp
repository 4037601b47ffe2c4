// The dashboard: everything an operator asks is on it, within the terminal, and nothing that a name holds moves the cursor.
#include "daemon/verbs/watch_screen.hpp"

#include "daemon/verbs/sparkline.hpp"
#include "daemon/verbs/watch_words.hpp"
#include "tests/support/full_result.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace sqd;

namespace {

Json heartbeat(std::string const& state = "running", std::string const& scan = "vit4_643K") {
    return {{"schema", "sqd.status/1.0"},
            {"instance", "id13"},
            {"epoch", "e1"},
            {"seq", 1},
            {"state", state},
            {"phase", "collecting"},
            {"reason", "the source is not there"},
            {"alarms", Json::array({{{"name", "overload"}, {"message", "3 frames lost"}}})},
            {"scan", {{"uid", "u1"}, {"id", scan}, {"role", "sample"}}},
            {"frames", {{"expected", 1800}, {"received", 900}, {"missing", 3}}},
            {"rate_hz", 50.0},
            {"eta_s", 18.0}};
}

/// A watcher that has heard a heartbeat and a whole result of scan u1.
WatchState watching_result() {
    WatchState state;
    state.take(Json::parse(heartbeat().dump()), 100);
    ReducedResult r = test::full_result("u1");
    r.curves.advice = StopAdvice{};
    r.curves.advice->sentence = "q1 = 2.6243, statistics 0.0001, distance 0.0009: more counts will not help, " + std::string(90, 'x');
    Sequence sequence;
    for (WireMessage const& message : result_messages(r, {"id13", "e1"}, sequence, 0)) {
        state.take(message.header, 100);
        state.take_arrays(message.header, message.arrays);
    }
    return state;
}

std::string all(std::vector<std::string> const& lines) {
    std::string out;
    for (auto const& line : lines) out += line + "\n";
    return out;
}

} // namespace

TEST_CASE("the screen says state, progress, peak, curve, advice, comparison and alarms") {
    auto const lines = watch_screen(watching_result(), 100.5, {80, false, false});
    std::string const text = all(lines);
    for (std::string const words :
         {"> RUNNING  collecting   id13   vit4_643K   sample", "[############............] 900/1800 50% 50.0 Hz ETA 18 s 3 missing",
          "2.62430(7) 1/A   model 0.0006   distance 0.0009   chi2 5.2", "FWHM       0.38100(20) 1/A", "S(q)  ",
          "advice     q1 = 2.6243, statistics 0.0001", "xxxxxxxxxx", "reference  q1 moved by", "ALARM      overload: 3 frames lost"}) {
        CAPTURE(words);
        CHECK(text.find(words) != text.npos);
    }
    for (auto const& line : lines) CHECK(watching::columns(line) <= 80);
    CHECK(lines.size() < 24);
    CHECK(text.find('\x1b') == text.npos);
    CHECK(all(watch_screen(watching_result(), 100.5, {80, true, false})).find("\x1b[31mALARM") != text.npos);
    CHECK(watch_screen(WatchState(), 0, {}).empty());
}

TEST_CASE("state is told by a sign as well as by colour, and silence by words") {
    std::vector<std::string> first;
    for (char const* name : {"running", "fault", "standby", "ready"}) {
        WatchState state;
        state.take(Json::parse(heartbeat(name).dump()), 100);
        first.push_back(watch_screen(state, 100, {80, false, true}).front().substr(0, 3));
    }
    std::sort(first.begin(), first.end());
    CHECK(std::adjacent_find(first.begin(), first.end()) == first.end());
    CHECK(watch_screen(watching_result(), 112, {}).front().find("SILENT for 12 s") != std::string::npos);
}

TEST_CASE("names from the network and narrow terminals do no harm") {
    WatchState state;
    state.take(Json::parse(heartbeat("running", "a\x1b[2J\nb").dump()), 100);
    std::string const text = all(watch_screen(state, 100, {80, false, true}));
    CHECK(text.find('\x1b') == text.npos);
    for (std::size_t const columns : {1u, 12u, 30u})
        for (auto const& line : watch_screen(watching_result(), 100, {columns, false, true})) CHECK(watching::columns(line) <= columns);
    Json odd = heartbeat();
    odd["schema"] = "sqd.sq/1.0", odd["arrays"] = {{{"name", "q"}, {"dtype", "<f8"}}, 7, "x"};
    std::vector<std::string> const arrays{"1234", "abcdefgh"};
    state.take_arrays(odd, arrays);
    CHECK(state.curve().q.empty());
}

TEST_CASE("a scan that starts takes away the curve of the one before; S(q) wins over I(q)") {
    WatchState state = watching_result();
    CHECK(state.curve().kind == "sq");
    CHECK(state.curve().y == test::full_result().curves.sq->s);
    Json next = heartbeat();
    next["scan"]["uid"] = "u2";
    state.take_status(next, 101);
    CHECK(state.curve().q.empty());
}

TEST_CASE("a small curve rises where the curve rises") {
    std::vector<double> x, y;
    for (int i = 0; i < 200; ++i) x.push_back(i), y.push_back(i);
    auto const ascii = sparkline(x, y, 20, 4, false);
    REQUIRE(ascii.size() == 4);
    CHECK(ascii.front().find_first_not_of(' ') >= 15);
    CHECK(ascii.back().find_last_not_of(' ') < 5);
    auto const braille = sparkline(x, y, 20, 4, true);
    for (auto const& row : braille) CHECK(watching::columns(row) == 20);
    CHECK(braille.front().ends_with("⠉"));
    std::vector<double> const flat(200, 3.0);
    CHECK(sparkline(x, flat, 20, 4, false)[0].find_first_not_of(' ') == std::string::npos);
    CHECK(sparkline({1}, {std::nan("")}, 20, 4, true).empty());
    CHECK(sparkline({}, {}, 20, 4, true).empty());
}
