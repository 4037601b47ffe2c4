// What a command changed outlives a restart, or its reply says that it may not.
#include "daemon/run/control_choices.hpp"
#include "daemon/run/final_saver.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/control_bench.hpp"
#include "tests/support/journal_bench.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <vector>

using namespace sqd;
using namespace sqd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::shared_ptr<ComparedResult const> result_of(std::string const& uid) {
    auto out = std::make_shared<ComparedResult>();
    out->uid = uid;
    out->id = "glass_" + uid;
    return out;
}

ControlChoices all_chosen() {
    Announced said{"an id", "a UUID", parse_announcement(R"({"name":"next","role":"background","points":7,"monitor":3})", true)};
    return {std::move(said), BackgroundChoice{BackgroundUse::scan_id, "air"}, ReferenceName{"u", "glass", "glass_u.nxs"}};
}

/// Boards and a keeper whose disk answers when the test says so, or at once.
struct KeeperBench {
    AnnouncementBoard announcements;
    BackgroundBoard backgrounds{{}};
    ReferenceBoard references;
    std::vector<std::vector<std::byte>> handed_in;
    std::vector<std::promise<bool>> answers;
    bool at_once = false;
    ChoiceKeeper keeper{announcements, backgrounds, references, [this](std::vector<std::byte> bytes) {
                            handed_in.push_back(std::move(bytes));
                            auto& answer = answers.emplace_back();
                            if (at_once) answer.set_value(true);
                            return answer.get_future().share();
                        }};
};

/// The service's saving part over a directory that outlives it.
struct SaverLife {
    ServiceConfig config;
    AlarmBoard alarms;
    Counters counters;
    FakeClock clock;
    Journal journal;
    NexusArchive archive;
    JournalContents before;
    FinalSaver saver;

    explicit SaverLife(fs::path const& directory)
        : config(in(directory)), journal(config.journal.directory), archive(config.archive_directory, ""), before(read_contents(journal)),
          saver({config, journal, archive, alarms, counters, clock}, before) {}
    static ServiceConfig in(fs::path const& directory) {
        ServiceConfig config;
        config.archive_directory = directory / "archive";
        config.journal.directory = directory / "journal";
        return config;
    }
    /// What `wait` returns while the journal's thread works.
    bool told(std::function<bool()> const& wait) {
        auto out = std::async(std::launch::async, wait);
        while (out.wait_for(1ms) != std::future_status::ready) saver.journal_next();
        return out.get();
    }
};

} // namespace

TEST_CASE("choices come back from their bytes; bytes that are cut or of a later version are refused") {
    auto bytes = choices_bytes(all_chosen());
    auto const read = read_choices(bytes);
    CHECK(read.announcement->id == "an id");
    CHECK(read.announcement->request == "a UUID");
    CHECK(read.announcement->said.name == "next");
    CHECK(read.announcement->said.role == Role::background);
    CHECK(read.announcement->said.points == 7);
    CHECK(read.announcement->said.monitor == std::vector<double>{3});
    CHECK(read.background == BackgroundChoice{BackgroundUse::scan_id, "air"});
    CHECK(read.reference->uid == "u");
    CHECK(read.reference->file == "glass_u.nxs");
    CHECK_FALSE(read_choices(choices_bytes({})).announcement);
    for (std::size_t length = 0; length < bytes.size(); ++length) CHECK_THROWS_AS(read_choices(std::span(bytes).first(length)), DataError);
    bytes[0] = std::byte{2};
    CHECK_THROWS_AS(read_choices(bytes), DataError);
}

TEST_CASE("what is handed in is what the boards say, and true is said when it is on disk") {
    KeeperBench bench;
    bench.backgrounds.choose(BackgroundChoice{BackgroundUse::none, ""});
    bench.references.choose(result_of("r"), "r.nxs");
    bench.announcements.place(Announced{"one", "", {}});
    CHECK_FALSE(bench.keeper.keep(0ms)); // the disk has not answered
    bench.answers[0].set_value(true);
    auto const handed = read_choices(bench.handed_in.at(0));
    CHECK(handed.background == BackgroundChoice{BackgroundUse::none, ""});
    CHECK(handed.reference->file == "r.nxs");
    CHECK(handed.announcement->id == "one");
    bench.backgrounds.choose(std::nullopt);
    bench.references.clear();
    bench.announcements.series_started();
    bench.announcements.saved("one");
    bench.at_once = true;
    CHECK(bench.keeper.keep(60s));
    auto const later = read_choices(bench.handed_in.at(1));
    CHECK_FALSE((later.background || later.reference || later.announcement));
}

TEST_CASE("a disk that hangs is waited for once") {
    KeeperBench bench;
    CHECK_FALSE(bench.keeper.keep(1ms));
    CHECK_FALSE(bench.keeper.keep(1h)); // or this test never ends
    CHECK(bench.handed_in.size() == 2);
}

TEST_CASE("the next start knows what was chosen last, and that control ended a scan") {
    TemporaryDirectory const directory;
    {
        SaverLife life(directory.path());
        CHECK(life.saver.choices_before().empty());
        for (char const* id : {"first", "second", "third"}) {
            auto choices = all_chosen();
            choices.announcement->id = id;
            auto const kept = life.saver.keep_choices(choices_bytes(choices));
            CHECK(kept.wait_for(0s) == std::future_status::timeout); // nobody has written it yet
            while (life.saver.journal_next()) {
            }
            CHECK(kept.get());
        }
        CHECK(life.told([&] { return life.saver.scan_started("a", bytes_of_text("state"), 60s, "taken"); }));
        CHECK(life.told([&] { return life.saver.scan_started("b", bytes_of_text("state"), 60s); }));
        CHECK(life.told([&] { return life.saver.scan_ended({"a", "glass", "command", 7, "a UUID"}, 60s); }));
    }
    SaverLife const life(directory.path());
    REQUIRE(life.saver.choices_before().size() == 2);
    CHECK(read_choices(life.saver.choices_before()[0].bytes).announcement->id == "third");
    CHECK(life.before.announcements == std::set<std::string>{"taken"});
    CHECK(life.before.damaged == 0);
    REQUIRE(life.before.interrupted.size() == 2);
    auto const& ended = life.before.interrupted[0].ended;
    REQUIRE(ended);
    CHECK(ended->reason == "command");
    CHECK(ended->frames == 7);
    CHECK_FALSE(life.before.interrupted[1].ended);
    REQUIRE(life.before.ended.size() == 1);
    CHECK(life.before.ended[0].request == "a UUID");
    CHECK(life.before.ended[0].id == "glass");
}

TEST_CASE("control's end of a scan holds when its start is written again, and is told of its final, too") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path());
        append_start(journal, "a", bytes_of_text("state"));
        append_ended(journal, {"a", "glass", "abort", 3, "first"});
        append_start(journal, "a", bytes_of_text("later state"));
        append_ended(journal, {"a", "glass", "abort", 3, ""}); // by the next start
        append_start(journal, "b", bytes_of_text("state"));
        append_ended(journal, {"b", "other", "command", 3, "second"});
        append_final(journal, some_final("b"));
    }
    Journal const journal(directory.path());
    auto const contents = read_contents(journal);
    REQUIRE(contents.interrupted.size() == 1);
    CHECK(contents.interrupted[0].state == bytes_of_text("later state"));
    REQUIRE(contents.interrupted[0].ended);
    CHECK(contents.interrupted[0].ended->request == "first");
    REQUIRE(contents.ended.size() == 2);
    CHECK(contents.ended[1].request == "second");
}

TEST_CASE("a disk that does not take it is said at once, by an alarm as well") {
    TemporaryDirectory const directory;
    SaverLife life(directory.path());
    fs::remove_all(directory.path() / "journal");
    std::ofstream(directory.path() / "journal") << "in the way";
    CHECK_FALSE(life.told([&] { return life.saver.scan_ended({"a", "", "abort"}, 60s); }));
    auto const kept = life.saver.keep_choices({});
    CHECK(life.saver.journal_next());
    CHECK_FALSE(kept.get());
    REQUIRE_FALSE(life.alarms.current().empty());
    CHECK(life.alarms.current()[0].name == "journal");
}

TEST_CASE("every command that changes the measurement says whether a restart knows it") {
    for (bool const works : {true, false}) {
        CAPTURE(works);
        ControlBench bench;
        bench.disk_works = works;
        bench.order = [works](ScanOrder const&) { return std::optional(works ? Obeyed::durable : Obeyed::now); };
        bench.backgrounds.finished({"u1", "air"});
        bench.references.remember(result_of("r"));
        bench.finals.remember(
            {some_final("r").meta, some_final("r").messages}); // so that it is known which file of the archive a restart has to look at
        for (char const* text : {R"({"command":"announce","name":"next"})", R"({"command":"background","use":"none"})",
                                 R"({"command":"background","scan":"air"})", R"({"command":"reference","scan":"r"})",
                                 R"({"command":"reference","clear":true})", R"({"command":"reference","archive":"a.nxs"})",
                                 R"({"command":"begin"})", R"({"command":"reset"})"}) {
            CAPTURE(text);
            Json const reply = bench(std::string(text));
            REQUIRE(code_of(reply) == "ok");
            CHECK(reply.at("durable") == works);
            CHECK(reply.contains("warning") != works);
        }
        CHECK(bench.kept == 6);
    }
    ControlBench bench;
    for (char const* text : {R"({"command":"background"})", R"({"command":"reference"})", R"({"command":"status"})"}) {
        CAPTURE(text);
        CHECK_FALSE(bench(std::string(text)).contains("durable"));
    }
    CHECK(bench.kept == 0);
}

TEST_CASE("a reference whose file is not known yet is not durable, and nobody says so") {
    ControlBench bench;
    bench.references.remember(result_of("r"));
    Json const reply = bench(Json::parse(R"({"command":"reference","scan":"r"})"));
    CHECK(code_of(reply) == "ok");
    CHECK(reply.at("durable") == false);
}

TEST_CASE("an announcement for the series that runs is durable once that series has written it down") {
    ControlBench bench;
    bench.announcements.series_started();
    CHECK(bench(Json::parse(R"({"command":"announce","name":"late"})")).at("durable") == false); // nobody has taken it
    CHECK(bench.kept == 0);                                                                      // and it is not of the next one
}

TEST_CASE("end, abort and announce that are repeated over a restart get their answer, and act once") {
    ControlBench bench({{"of end", "u", "glass"}}, {"of announce"});
    Json reply = bench(Json::parse(R"({"command":"end","request":"of end"})"));
    CHECK(code_of(reply) == "ok");
    CHECK(reply.at("scan").at("uid") == "u");
    CHECK(reply.at("durable") == true);
    CHECK(bench.orders.empty());
    reply = bench(Json::parse(R"({"command":"announce","name":"x","request":"of announce"})"));
    CHECK(code_of(reply) == "ok");
    CHECK_FALSE(bench.announcements.pending());
    CHECK(code_of(bench(Json::parse(R"({"command":"end"})"))) == "not_allowed");
}
