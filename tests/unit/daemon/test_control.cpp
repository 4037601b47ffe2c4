// Commands: what they do, what they refuse, what a repeated one does not do again.
#include "tests/support/control_bench.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sqd;
using namespace sqd::test;

namespace {

std::string numbered(char const* word, std::uint64_t number) {
    std::string out = word;
    out += std::to_string(number);
    return out;
}

SentPtr message(std::string const& topic, std::uint64_t seq, std::size_t bytes = 10) {
    auto out = std::make_shared<SentMessage>();
    out->topic = topic;
    out->seq = seq;
    out->parts = {topic, "{}", std::string(bytes, 'x')};
    return out;
}

RememberedFinal final_of(std::string const& uid, std::string const& id, std::uint64_t seq, std::size_t bytes = 10,
                         std::string const& epoch = "epoch") {
    auto messages = std::make_shared<std::vector<WireMessage>>();
    for (char const* topic : {"id13/pattern/", "id13/sq/"}) {
        Json const header = {{"seq", seq}, {"epoch", epoch}, {"durable", true}, {"flags", {"no_background"}}};
        messages->push_back({topic, header, {std::string(bytes, 'x')}});
    }
    return {{{uid, seq}, id, "sample", "final", uid + ".nxs"}, messages};
}

std::vector<std::uint64_t> seqs(Json const& reply) {
    std::vector<std::uint64_t> out;
    for (Json const& each : reply.at("messages")) out.push_back(each.at("seq").get<std::uint64_t>());
    return out;
}

} // namespace

TEST_CASE("begin gives the processing a scan with what was said of it, and the client its uid") {
    ControlBench bench;
    Json const reply = bench(Json::parse(R"({"command":"begin","name":"glass","role":"background","points":8})"));
    REQUIRE(code_of(reply) == "ok");
    REQUIRE(bench.orders.size() == 1);
    ScanOrder const& order = bench.orders.front();
    CHECK(order.what == ScanOrder::What::begin);
    CHECK(order.scan.said.name == "glass");
    CHECK(order.scan.said.role == Role::background);
    CHECK(order.scan.uid.size() == 36);
    CHECK(reply.at("scan").at("uid") == order.scan.uid);
    CHECK(reply.at("done") == true);
}

TEST_CASE("what a command does not know is refused by its key, and nothing is done") {
    ControlBench bench;
    CHECK(message_of(bench(Json::parse(R"({"command":"begin","colour":"red"})"))) == "colour: unknown key");
    CHECK(message_of(bench(Json::parse(R"({"command":"reset","hard":true})"))).starts_with("hard: unknown key"));
    for (char const* text :
         {R"({"command":"background","use":"newest"})", R"({"command":"background","scan":7})",
          R"({"command":"background","use":"none","scan":"air"})", R"({"command":"history","topic":"id13/sq/"})",
          R"({"command":"history","topic":"id13/sq/","after":-1})", R"({"command":"history","topic":"id13/sq/","after":1.5})",
          R"({"command":"history","scan":"nobody"})", R"({"command":"history","scan":[]})", R"({"command":"acknowledge","alarm":7})",
          R"({"command":"acknowledge","alarm":[7]})", R"({"command":"acknowledge","alarm":"none of these"})",
          R"({"command":"acknowledge","all":true})"}) {
        CAPTURE(text);
        CHECK(code_of(bench(std::string(text))) == "bad_value");
    }
    CHECK(bench.orders.empty());
    CHECK_FALSE(bench.backgrounds.chosen());
}

TEST_CASE("a begin that is repeated over a restart gets the scan that stands open, and begins no second") {
    std::string const request = "6f6b6f1e-0000-4000-8000-000000000001";
    ControlBench before;
    Json const begin = {{"command", "begin"}, {"name", "x"}, {"request", request}};
    Json const first = before(begin);
    REQUIRE(before.orders.size() == 1);
    CHECK(before.orders[0].scan.request == request);
    ControlBench bench({{"", "another", "y"}, {request, before.orders[0].scan.uid, "x"}});
    bench.facts = [] {
        ServiceFacts facts;
        facts.started = true;
        facts.progress.open_scan = "uid";
        return facts;
    };
    CHECK(bench(begin) == first);
    CHECK(code_of(bench({{"command", "begin"}, {"name", "x"}})) == "not_allowed");
    CHECK(bench.orders.empty());
}

TEST_CASE("a repeated request acts once; one that only asks is answered anew") {
    ControlBench bench;
    Json const begin = Json::parse(R"({"command":"begin","name":"x","request":"6f6b6f1e-0000-4000-8000-000000000001"})");
    Json const first = bench(begin);
    CHECK(bench(begin) == first);
    CHECK(bench.orders.size() == 1);
    Json const ping = Json::parse(R"({"command":"ping","request":"6f6b6f1e-0000-4000-8000-000000000002"})");
    Json const before = bench(ping);
    bench.clock.advance(1);
    CHECK(bench(ping) != before);
}

TEST_CASE("a processing that does not keep up is said, not waited for") {
    ControlBench bench;
    bench.order = [](ScanOrder const&) { return std::optional(Obeyed::later); };
    Json const reply = bench(Json{{"command", "begin"}});
    CHECK(reply.at("done") == false);
    CHECK(reply.at("durable") == false);
    bench.order = [](ScanOrder const&) { return std::optional<Obeyed>(); };
    CHECK(code_of(bench(Json{{"command", "begin"}})) == "busy");
}

TEST_CASE("background says which is in use, and takes a finished one, none, the latest, or what is configured") {
    ControlBench bench;
    auto const ask = [&](Json const& more) {
        Json request = {{"command", "background"}};
        request.update(more);
        return bench(request);
    };
    Json reply = ask(Json::object());
    CHECK(reply.at("use") == "latest");
    CHECK(reply.at("configured") == true);
    CHECK(reply.at("in_use").is_null());
    bench.backgrounds.finished({"u1", "air"});
    bench.backgrounds.finished({"u2", "capillary"});
    CHECK(ask(Json::object()).at("in_use").at("uid") == "u2");
    reply = ask({{"scan", "u1"}});
    CHECK(reply.at("use") == "scan");
    CHECK(reply.at("in_use").at("id") == "air");
    CHECK(reply.at("finished").size() == 2);
    CHECK(message_of(ask({{"scan", "water"}})).find("no finished background") != std::string::npos);
    ReductionJob job;
    job.config.background.off_sample = true;
    bench.backgrounds.apply(job);
    CHECK(job.background_use == BackgroundUse::scan_id);
    CHECK(job.background_scan == "air");
    CHECK_FALSE(job.config.background.off_sample);
    CHECK(ask({{"use", "none"}}).at("in_use").is_null());
    bench.backgrounds.apply(job);
    CHECK(job.background_use == BackgroundUse::none);
    CHECK(ask({{"use", "configured"}}).at("configured") == true);
    ReductionJob untouched;
    untouched.background_use = BackgroundUse::off_sample;
    untouched.config.background.off_sample = true;
    bench.backgrounds.apply(untouched);
    CHECK(untouched.background_use == BackgroundUse::off_sample);
    CHECK(untouched.config.background.off_sample);
}

TEST_CASE("a background of the same id takes the place of the one before, and the list is bounded") {
    BackgroundBoard board({BackgroundUse::scan_id, "air"});
    CHECK_FALSE(board.in_use());
    board.finished({"u1", "air"});
    board.finished({"u2", "air"});
    CHECK(board.list().size() == 1);
    CHECK(board.in_use()->uid == "u2");
    for (std::uint64_t i = 0; i < 1000; ++i) board.finished({numbered("v", i), numbered("id", i)});
    CHECK(board.list().size() == BackgroundBoard::most_listed);
}

TEST_CASE("history lists finals, gives out one, and all of a topic that somebody missed") {
    ControlBench bench;
    for (std::uint64_t seq : {3U, 7U, 9U}) bench.finals.remember(final_of(numbered("u", seq), seq == 9 ? "b" : "a", seq));
    bench.sent.add(message("id13/sq/", 12));
    bench.sent.add_notice(message("id13/series/", 1));
    bench.sent.add_notice(message("id13/series/", 2));
    bench.finals.remember(final_of("old", "a", 8, 10, "the epoch before the restart"));
    Json list = bench(Json{{"command", "history"}});
    REQUIRE(list.at("finals").size() == 4);
    Json const& first = list.at("finals").front();
    CHECK(first.at("uid") == "u3");
    CHECK(first.at("seq").at("id13/sq/") == 3);
    CHECK(first.at("flags") == Json::array({"no_background"}));

    auto const one = bench.control(R"({"command":"history","scan":"a"})"); // the newest of that id
    CHECK(one.json.at("final").at("uid") == "old");
    REQUIRE(one.messages.size() == 2);
    CHECK(one.json.at("messages").at(1).at("topic") == "id13/sq/");
    CHECK(one.json.at("messages").at(1).at("parts") == 3);
    CHECK(bench(Json::parse(R"({"command":"history","scan":"u3"})")).at("final").at("result") == 3);

    auto const missed = [&](char const* topic, int after) {
        return seqs(bench(Json{{"command", "history"}, {"topic", topic}, {"after", after}}));
    };
    CHECK(missed("id13/sq/", 0) == std::vector<std::uint64_t>{3, 7, 9, 12});
    CHECK(missed("id13/sq/", 7) == std::vector<std::uint64_t>{9, 12});
    CHECK(missed("id13/sq/", 12).empty());
    CHECK(missed("id13/series/", 0) == std::vector<std::uint64_t>{1, 2});
    CHECK(missed("nonsense", 0).empty());
    CHECK(bench(Json{{"command", "status"}}).at("final_seq").empty()); // none of them has gone out
    bench.sequence.went_out("id13/sq/", 8);
    CHECK(bench(Json{{"command", "status"}}).at("final_seq").at("id13/sq/") == 7);
    bench.sequence.went_out("id13/sq/", 12);
    CHECK(bench(Json{{"command", "status"}}).at("final_seq").at("id13/sq/") == 9);
}

TEST_CASE("a reply with too much is cut and says so; the rest is asked for with the last number") {
    ControlBench bench;
    for (std::uint64_t seq = 1; seq <= 5; ++seq) bench.finals.remember(final_of("u", "a", seq, 10 << 20));
    auto const ask = [&](std::uint64_t after) { return bench(Json{{"command", "history"}, {"topic", "id13/sq/"}, {"after", after}}); };
    Json reply = ask(0);
    CHECK(reply.at("more") == true);
    CHECK(seqs(reply) == std::vector<std::uint64_t>{1, 2, 3});
    reply = ask(3);
    CHECK_FALSE(reply.contains("more"));
    CHECK(seqs(reply) == std::vector<std::uint64_t>{4, 5});
}

TEST_CASE("of starts and ends of series the last are kept, of every other topic the latest message") {
    SentMessages sent(2);
    for (std::uint64_t seq = 1; seq <= 10; ++seq) {
        sent.add_notice(message("id13/series/", seq));
        sent.add(message("id13/status/", seq));
    }
    CHECK(sent.after("id13/series/", 0).size() == 2);
    CHECK(sent.after("id13/status/", 0).size() == 1);
    CHECK(sent.latest().size() == 2);
}

TEST_CASE("acknowledge takes note of all alarms or of some, and says which have left the list") {
    ControlBench bench;
    for (char const* name : {"disk", "lag", "tap"}) bench.alarms.raise(name, "x", 1);
    bench.alarms.clear("lag");
    CHECK(bench(Json{{"command", "status"}}).at("alarm") == true);
    Json reply = bench(Json::parse(R"({"command":"acknowledge","alarm":["lag","disk"]})"));
    CHECK(reply.at("acknowledged") == Json::array({"lag", "disk"}));
    CHECK(reply.at("cleared") == Json::array({"lag"}));
    bench.alarms.clear("tap");
    reply = bench(Json::parse(R"({"command":"acknowledge","alarm":"tap"})"));
    CHECK(reply.at("cleared") == Json::array({"tap"}));
    Json const status = bench(Json{{"command", "status"}});
    REQUIRE(status.at("alarms").size() == 1);
    CHECK(status.at("alarms").front().at("active") == true);
    CHECK(status.at("alarms").front().at("acknowledged") == true);
    CHECK(status.at("alarm") == false); // nothing that nobody knows of
    CHECK(code_of(bench(Json{{"command", "acknowledge"}})) == "ok");
}
