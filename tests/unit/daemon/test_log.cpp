// The rate of the log, and how its lines look.
#include "daemon/log/limited_sink.hpp"
#include "daemon/log/log_allowance.hpp"
#include "daemon/log/log_setup.hpp"

#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>

using namespace sqd;

namespace {

constexpr LogRates few{.burst = 3, .per_s = 1, .all_burst = 10, .all_per_s = 2, .kinds = 8};

/// What a limited sink writes, at times of the test's choice.
struct Log {
    std::ostringstream text;
    std::shared_ptr<spdlog::sinks::ostream_sink_mt> target = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    std::shared_ptr<LimitedSink> sink;

    Log() {
        target->set_pattern("%v");
        sink = std::make_shared<LimitedSink>(target, few);
    }
    void at(double seconds, std::string const& line, spdlog::level::level_enum level = spdlog::level::warn) {
        auto const since_epoch = std::chrono::duration_cast<spdlog::log_clock::duration>(std::chrono::duration<double>(seconds));
        sink->log(spdlog::details::log_msg(spdlog::log_clock::time_point(since_epoch), {}, "test", level, line));
    }
    std::size_t lines() const {
        std::string const all = text.str();
        return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
    }
};

} // namespace

TEST_CASE("lines that differ in numbers and quoted names are of one kind") {
    CHECK(LogAllowance::kind_of("series 5 ended (end): 17 received") == LogAllowance::kind_of("series 123 ended (end): 1 received"));
    CHECK(LogAllowance::kind_of("scan 'a' fails") == LogAllowance::kind_of("scan 'something else 5' fails"));
    CHECK(LogAllowance::kind_of("series 5 ended") != LogAllowance::kind_of("series 5 started"));
    CHECK(LogAllowance::kind_of("an open 'quote") == "an open '...'");
    CHECK(LogAllowance::kind_of(std::string(5000, 'x')).size() == 80);
}

TEST_CASE("a kind has its burst, then its rate; another kind is not held up by it") {
    LogAllowance allowance(few);
    int taken = 0;
    for (int i = 0; i < 100; ++i) taken += allowance.take("bad message " + std::to_string(i), 1000) ? 1 : 0;
    CHECK(taken == 3);
    CHECK(allowance.take("the disk is full", 1000));
    CHECK_FALSE(allowance.take("bad message 5", 1000.9));
    CHECK(allowance.take("bad message 7", 1001.1));
}

TEST_CASE("all kinds together have a rate, too, and their number is bounded") {
    LogAllowance allowance(few);
    int taken = 0;
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) taken += allowance.take(std::string("made up ") + a + b, 1000) ? 1 : 0;
    }
    CHECK(taken == 10);
    std::uint64_t left_out = 0;
    for (auto const& kind : allowance.take_rest()) left_out += kind.lines;
    CHECK(left_out == 26 * 26 - 10);
}

TEST_CASE("time that goes back gives nothing and takes nothing") {
    LogAllowance allowance(few);
    for (int i = 0; i < 3; ++i) CHECK(allowance.take("x", 1000));
    CHECK_FALSE(allowance.take("x", 10));
    CHECK(allowance.take("x", 11.5));
}

TEST_CASE("what was left out is said when there is room again, and every line is in the book") {
    Log log;
    for (int i = 0; i < 1000; ++i) log.at(100, "bad message " + std::to_string(i));
    CHECK(log.lines() == 3);
    CHECK(log.sink->left_out() == 997);
    log.at(102, "all is well");
    CHECK(log.text.str().find("997 lines left out like: bad message #\n") != std::string::npos);
    CHECK(log.lines() == 5);
}

TEST_CASE("the end of the log says what was not said before") {
    Log log;
    for (int i = 0; i < 10; ++i) log.at(100, "bad message " + std::to_string(i));
    log.sink.reset();
    CHECK(log.text.str().find("7 lines left out") != std::string::npos);
}

TEST_CASE("why the program ends is always said; nobody who is quoted writes a line of his own") {
    Log log;
    for (int i = 0; i < 20; ++i) log.at(100, "the program ends", spdlog::level::critical);
    CHECK(log.lines() == 20);
    log.at(100, "name 'x\n<0>forged'");
    CHECK(log.lines() == 21);
}

TEST_CASE("the journal is told by what standard error is, not by a variable that was inherited") {
    std::FILE* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    struct stat info {};
    REQUIRE(fstat(fileno(file), &info) == 0);
    std::string const here = std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino);
    std::string const elsewhere = std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino + 1);
    CHECK(log_form(fileno(file), here.c_str()) == LogForm::journal);
    CHECK(log_form(fileno(file), elsewhere.c_str()) == LogForm::file);
    CHECK(log_form(fileno(file), "nonsense") == LogForm::file);
    CHECK(log_form(fileno(file), nullptr) == LogForm::file);
    std::fclose(file);
}
