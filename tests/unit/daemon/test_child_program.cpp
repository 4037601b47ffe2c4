// Programs whose output is a reply: what they may cost, and that none outlives its asker.
#include "daemon/web/child_program.hpp"

#include "daemon/web/web_server.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/web_client.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace sqd;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using How = ChildEnd::How;

namespace {

std::vector<std::string> shell(std::string const& script) {
    return {"/bin/sh", "-c", script};
}

struct Runs {
    boost::asio::io_context io{1};
    ChildPrograms programs;
    std::vector<ChildEnd> ends;

    explicit Runs(ChildLimits limits = {}) : programs(io, limits) {}
    void start(std::vector<std::string> const& command) {
        programs.run(command, [this](ChildEnd end) { ends.push_back(std::move(end)); });
    }
    /// Until all that was started has ended.
    ChildEnd run(std::string const& script) {
        start(shell(script));
        io.restart();
        io.run();
        REQUIRE(ends.size() == 1);
        ChildEnd end = std::move(ends.back());
        ends.clear();
        return end;
    }
};

bool within_a_minute(auto const& holds) {
    auto const until = std::chrono::steady_clock::now() + 60s;
    while (!holds())
        if (std::chrono::steady_clock::now() > until) return false;
    return true;
}

} // namespace

TEST_CASE("what a program says is given back whole, and how it ended") {
    Runs runs;
    ChildEnd const all = runs.run("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done; echo aside >&2");
    CHECK(all.how == How::well);
    CHECK(all.output.size() == 220'000);
    CHECK(all.output.ends_with("0123456789\n"));
    CHECK(all.complaint == "aside\n");
    ChildEnd const bad = runs.run("echo half; echo 'sqd: broken' >&2; exit 65");
    CHECK(bad.how == How::failed);
    CHECK(bad.output.empty());
    CHECK(bad.complaint == "sqd: broken\n");
    CHECK(runs.run("kill -9 $$").how == How::failed);
    runs.start({"/no/such/program"});
    REQUIRE(runs.ends.size() == 1);
    CHECK(runs.ends[0].how == How::not_started);
}

TEST_CASE("one that says too much or takes too long is ended, with all that it started") {
    Runs talks({.bytes = 100'000});
    CHECK(talks.run("while :; do echo 0123456789; done").how == How::too_much);
    Runs complains; // what it complains beyond two kilobytes is let go of
    CHECK(complains.run("i=0; while [ $i -lt 5000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo done").output == "done\n");
    Runs hangs({.patience = 200ms});
    CHECK(hangs.run("echo begun; sleep 1000").how == How::late);
    CHECK(hangs.run("exec >/dev/null 2>&1; sleep 1000").how == How::late); // both pipes are at their end, it is not
    CHECK(hangs.programs.running() == 0);
}

TEST_CASE("as many as may are under way, until what they said is let go of") {
    Runs runs({.at_once = 2});
    runs.start(shell("echo 1"));
    runs.start(shell("echo 2"));
    runs.start(shell("echo 3"));
    REQUIRE(runs.ends.size() == 1);
    CHECK(runs.ends[0].how == How::not_started);
    runs.io.run();
    REQUIRE(runs.ends.size() == 3);
    CHECK(runs.programs.running() == 2); // their output is still held
    runs.ends.clear();
    CHECK(runs.programs.running() == 0);
    CHECK(runs.run("echo 4").output == "4\n");
}

TEST_CASE("nothing of the service is handed on: no descriptor, no blocked signal") {
    Runs runs;
    int const file = open("/dev/null", O_RDONLY); // not closed on exec
    REQUIRE(file > 2);
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    ChildEnd const open_files = runs.run("ls /proc/$$/fd"), ended = runs.run("kill $$; echo survived");
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    close(file);
    CHECK(open_files.output == "0\n1\n2\n");
    CHECK(ended.how == How::failed);
}

TEST_CASE("no program outlives the service") {
    test::TemporaryDirectory const directory;
    std::string const told = (directory.path() / "pid").string();
    std::optional<Runs> runs;
    runs.emplace();
    runs->start(shell("echo $$ > " + told + ".tmp; mv " + told + ".tmp " + told + "; exec sleep 1000"));
    REQUIRE(within_a_minute([&] {
        runs->io.run_for(1ms);
        return fs::exists(told);
    }));
    pid_t pid = 0;
    std::ifstream(told) >> pid;
    REQUIRE(pid > 1);
    CHECK(kill(pid, 0) == 0);
    runs.reset();
    CHECK((kill(pid, 0) == -1 && errno == ESRCH)); // gone, and reaped
}

TEST_CASE("a reply is what a program says, and the server answers others meanwhile") {
    test::TemporaryDirectory const directory;
    std::string const begun = (directory.path() / "begun").string(), go = (directory.path() / "go").string();
    WebCounts counts;
    WebSite const site{.answer = [&](WebRequest const& request) {
        WebReply reply{200, "application/octet-stream", {}};
        if (request.target == "/slow")
            reply.output_of = shell("touch " + begun + "; while ! [ -e " + go + " ]; do sleep 0.01; done; echo late");
        if (request.target == "/bad") reply.output_of = shell("echo 'sqd: broken' >&2; exit 65");
        if (request.target == "/good") reply.output_of = shell("printf abc");
        if (request.target == "/plain") reply.body = "plain";
        return reply;
    }};
    WebServer server("127.0.0.1:0", {.programs = {.at_once = 1}}, site, counts);
    std::jthread const thread([&server](std::stop_token const& stop) { server.run(stop); });
    auto const ask = [&](test::WebClient& client, std::string const& target) {
        client.say("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    };
    auto const heard = [](test::WebClient& client) {
        CHECK(within_a_minute([&] { return client.over(); }));
        return client.heard;
    };
    test::WebClient slow(server.endpoint()), plain(server.endpoint()), crowded(server.endpoint());
    ask(slow, "/slow");
    REQUIRE(within_a_minute([&] { return fs::exists(begun); }));
    ask(plain, "/plain");
    CHECK(heard(plain).ends_with("plain"));
    ask(crowded, "/good");
    CHECK(heard(crowded).find(" 503 ") != std::string::npos);
    std::ofstream(go) << "now";
    CHECK(heard(slow).ends_with("late\n"));
    test::WebClient bad(server.endpoint());
    ask(bad, "/bad");
    CHECK(heard(bad).find(" 422 ") != std::string::npos);
    CHECK(bad.heard.find("sqd: broken") != std::string::npos);
    test::WebClient good(server.endpoint());
    ask(good, "/good");
    CHECK_MESSAGE(heard(good).ends_with("\r\n\r\nabc"), good.heard);
    CHECK(good.heard.find("Content-Length: 3\r\n") != std::string::npos);
}
