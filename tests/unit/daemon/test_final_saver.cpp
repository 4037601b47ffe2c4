// Finals are saved whatever the disks do: journal, archive, retries, bounds, restarts. Threads are played step by step.
#include "daemon/run/delivery.hpp"
#include "daemon/run/final_saver.hpp"
#include "daemon/run/recovery.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/hdf5_read.hpp"
#include "tests/support/journal_bench.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <optional>
#include <set>

using namespace sqd;
using namespace sqd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::set<std::string> archived_in(fs::path const& directory) {
    std::set<std::string> names;
    if (fs::is_directory(directory))
        for (auto const& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
    names.erase(".journal");
    return names;
}

void put_file_at(fs::path const& path) {
    fs::remove_all(path);
    std::ofstream(path) << "in the way";
}

/// One life of the service's saving part over directories that outlive it.
class Life {
public:
    explicit Life(fs::path const& directory, std::uint64_t most_waiting = FinalSaver::usual_bound, std::uint64_t segment = 1000)
        : config_(config_for(directory)), journal_(config_.journal.directory, segment), before(read_contents(journal_)),
          archive_(config_.archive_directory, ""), saver({config_, journal_, archive_, alarms, counters, clock}, before, most_waiting) {}

    static ServiceConfig config_for(fs::path const& directory) {
        ServiceConfig config;
        config.archive_directory = directory / "archive";
        config.journal.directory = directory / "journal";
        config.journal.keep_bytes = 0; // what is not needed goes
        config.min_free_bytes = 0;
        return config;
    }

    /// save() with the other threads played by this one.
    bool save(FinalRecord final) {
        auto durable = std::async(std::launch::async, [&] { return saver.save(std::move(final), 60s); });
        while (durable.wait_for(1ms) != std::future_status::ready) work();
        work();
        return durable.get();
    }
    /// Both threads as long as there is something to do.
    void work() {
        do saver.archive_due();
        while (saver.journal_next());
    }
    void wait_and_work(double seconds) {
        clock.advance(seconds);
        work();
    }
    std::set<std::string> alarm_names() const {
        std::set<std::string> names;
        for (auto const& alarm : alarms.current())
            if (alarm.active) names.insert(alarm.name);
        return names;
    }

    FakeClock clock;
    AlarmBoard alarms;
    Counters counters;

private:
    ServiceConfig config_;
    Journal journal_;

public:
    JournalContents before;

private:
    NexusArchive archive_;

public:
    FinalSaver saver;
    ServiceConfig& config() { return config_; }
    Journal& journal() { return journal_; }
    NexusArchive& archive() { return archive_; }
};

using Names = std::set<std::string>;

} // namespace

TEST_CASE("a final is durable in the journal, comes to the archive, and the next start knows") {
    TemporaryDirectory const directory;
    auto const final = some_final("a", 1, 5000);
    {
        Life life(directory.path());
        CHECK(life.save(final));
        CHECK(life.alarm_names().empty());
        CHECK(life.counters.results_journaled == 1);
        CHECK(life.counters.results_archived == 1);
    }
    CHECK(archived_in(directory.path() / "archive") == Names{"glass_a.nxs"});
    std::ifstream in(directory.path() / "archive/glass_a.nxs", std::ios::binary);
    std::string const bytes{std::istreambuf_iterator<char>(in), {}};
    CHECK(bytes_of_text(bytes) == *final.image);
    fs::remove_all(directory.path() / "archive"); // somebody took the files away
    Life again(directory.path());
    again.work();
    CHECK(archived_in(directory.path() / "archive").empty());
    CHECK(again.before.finals.at(0).archived);
}

TEST_CASE("durable is said once the journal has it, not before, and does not wait for the archive") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    auto durable = std::async(std::launch::async, [&] { return life.saver.save(some_final("a"), 60s); });
    CHECK(durable.wait_for(20ms) == std::future_status::timeout);
    while (!life.saver.journal_next()) {
    }
    CHECK(durable.get());
    CHECK(archived_in(directory.path() / "archive").empty());
}

TEST_CASE("a journal that takes longer than the patience: not durable, an alarm, saved all the same") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    CHECK_FALSE(life.saver.save(some_final("a"), 0ms)); // its thread does not run
    CHECK(life.alarm_names() == Names{"journal"});
    auto second = std::async(std::launch::async, [&] { return life.saver.save(some_final("b"), 1h); });
    CHECK(second.wait_for(10s) == std::future_status::ready); // nobody waits for a disk that hangs a second time
    life.work();
    CHECK_FALSE(second.get());
    CHECK(life.alarm_names().empty());
    CHECK(archived_in(directory.path() / "archive") == Names{"glass_a.nxs", "glass_b.nxs"});
    CHECK(life.save(some_final("c"))); // it hangs no more
}

TEST_CASE("an archive that fails is an alarm; it is tried again, slower and slower, until it works, without a restart") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    auto const archive = directory.path() / "archive";
    put_file_at(archive);
    CHECK(life.save(some_final("a")));
    CHECK(life.alarm_names() == Names{"archive"});
    CHECK(life.counters.archive_failures == 1);
    for (double const wait : {2.0, 4.0, 8.0, 16.0, 30.0, 30.0}) {
        auto const failures = life.counters.archive_failures.load();
        life.wait_and_work(wait - 0.5);
        CHECK(life.counters.archive_failures == failures);
        life.wait_and_work(0.5);
        CHECK(life.counters.archive_failures == failures + 1);
    }
    fs::remove(archive);
    CHECK(life.save(some_final("b"))); // where it was written, others may be: they are not waited for
    CHECK(archived_in(archive) == Names{"glass_a.nxs", "glass_b.nxs"});
    CHECK(life.alarm_names().empty());
    CHECK(life.counters.results_lost == 0);
}

TEST_CASE("one that cannot be archived holds up no other, and its alarm stays") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    auto poison = some_final("poison");
    poison.meta.file = std::string(300, 'x'); // longer than names of files are
    CHECK(life.save(poison));
    CHECK(life.save(some_final("b")));
    CHECK(archived_in(directory.path() / "archive") == Names{"glass_b.nxs"});
    REQUIRE(life.alarms.current().size() == 1);
    CHECK(life.alarms.current()[0].name == "archive");
    CHECK(life.alarms.current()[0].count == 2); // the success between did not end it
}

TEST_CASE("what the archive does not have at the end it gets at the next start, once") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive";
    {
        Life life(directory.path());
        put_file_at(archive);
        CHECK(life.save(some_final("a")));
        CHECK(life.save(some_final("b")));
        life.saver.finish();
    }
    fs::remove(archive);
    {
        Life life(directory.path());
        life.work();
        CHECK(archived_in(archive) == Names{"glass_a.nxs", "glass_b.nxs"});
        CHECK(life.counters.results_archived == 2);
    }
    Life life(directory.path());
    life.work();
    CHECK(life.counters.results_archived == 0);
}

TEST_CASE("a start leaves files that are there alone where they are as new, and removes what was half written") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive";
    auto const result = test::full_result("u", 2);
    auto final = some_final("u", 2);
    final.meta.file = NexusArchive::file_of(result.scan);
    {
        Journal journal(directory.path() / "journal");
        append_final(journal, final);
        NexusArchive(archive, "").write(result); // and then it was killed
        std::ofstream(archive / (final.meta.file + ".tmp")) << "half";
    }
    Life life(directory.path());
    life.work();
    CHECK(archived_in(archive) == Names{final.meta.file});
    CHECK(Hdf5File(archive / final.meta.file).value<std::uint64_t>("/entry/provenance/result") == 2); // final.image is no HDF5
}

TEST_CASE("where the journal fails the archive makes it durable, and the alarm says which failed") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    put_file_at(directory.path() / "journal");
    CHECK(life.save(some_final("a")));
    CHECK(life.alarm_names() == Names{"journal"});
    CHECK(life.counters.journal_failures == 1);
    CHECK(archived_in(directory.path() / "archive") == Names{"glass_a.nxs"});
    fs::remove(directory.path() / "journal");
    CHECK(life.save(some_final("b")));
    CHECK(life.alarm_names().empty());
}

TEST_CASE("where both fail it is not durable, waits in memory, and is saved when one of them works") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive", journal = directory.path() / "journal";
    Life life(directory.path());
    put_file_at(archive);
    put_file_at(journal);
    CHECK_FALSE(life.save(some_final("a")));
    CHECK(life.alarm_names() == Names{"archive", "journal"});
    SUBCASE("the archive") {
        fs::remove(archive);
        life.wait_and_work(2);
        CHECK(archived_in(archive) == Names{"glass_a.nxs"});
    }
    SUBCASE("the journal") {
        fs::remove(journal);
        life.wait_and_work(2);
        CHECK(life.alarm_names() == Names{"archive"});
        CHECK(life.counters.results_journaled == 1);
    }
    SUBCASE("neither") {
        life.saver.finish();
        CHECK(life.counters.results_lost == 1);
    }
}

TEST_CASE("what waits in memory is bounded: beyond it a final is counted as lost, and those before it are not") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive", journal = directory.path() / "journal";
    Life life(directory.path(), 100'000);
    put_file_at(archive);
    put_file_at(journal);
    for (int i = 0; i < 20; ++i) CHECK_FALSE(life.save(some_final(std::to_string(i), 1, 20'000)));
    CHECK(life.counters.results_lost == 17); // three of 20 kB and their messages fit
    fs::remove(archive);
    life.wait_and_work(30);
    CHECK(archived_in(archive) == Names{"glass_0.nxs", "glass_1.nxs", "glass_2.nxs"});
}

TEST_CASE("with a journal that works, an archive that does not costs no memory: all are archived from the journal") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive";
    Life life(directory.path(), 100'000);
    put_file_at(archive);
    for (int i = 0; i < 20; ++i) CHECK(life.save(some_final(std::to_string(i), 1, 20'000)));
    CHECK(life.counters.results_lost == 0);
    fs::remove(archive);
    life.wait_and_work(30);
    CHECK(archived_in(archive).size() == 20);
    CHECK(life.alarm_names().empty());
}

TEST_CASE("a final that is damaged in the journal is lost alone, and said to be") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path() / "journal");
        append_final(journal, some_final("a", 1, 5000));
        append_final(journal, some_final("b", 1, 5000));
    }
    std::fstream file(directory.path() / "journal/00000001.sqdj", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3000);
    file << "xxxx";
    file.close();
    Life life(directory.path());
    life.work();
    CHECK(archived_in(directory.path() / "archive") == Names{"glass_b.nxs"});
    CHECK(life.counters.results_lost == 1);
    CHECK(life.alarm_names() == Names{"results_lost"}); // the success of b does not end it
}

TEST_CASE("segments go once the archive has what is in them") {
    TemporaryDirectory const directory;
    auto const archive = directory.path() / "archive";
    auto const segments = [&] { return archived_in(directory.path() / "journal").size(); };
    Life life(directory.path());
    put_file_at(archive);
    for (int i = 0; i < 4; ++i) CHECK(life.save(some_final(std::to_string(i), 1, 2000)));
    life.saver.look_after_disks();
    CHECK(segments() == 4);
    fs::remove(archive);
    life.wait_and_work(30);
    life.saver.look_after_disks();
    CHECK(segments() == 1); // the one that is written to
}

TEST_CASE("a clock that is set by an hour removes nothing, holds nothing up, and days are days again after it") {
    for (double const jump : {-3600.0, 3600.0}) {
        TemporaryDirectory const directory;
        auto const segments = [&] { return archived_in(directory.path() / "journal").size(); };
        Life life(directory.path());
        life.config().journal.keep_bytes = std::uint64_t{1} << 40;
        auto const look = [&] {
            life.clock.advance(10);
            life.saver.look_after_disks();
        };
        for (int i = 0; i < 4; ++i) CHECK(life.save(some_final(std::to_string(i), 1, 2000)));
        auto const all = segments();
        REQUIRE(all >= 4);
        life.clock.set_by(jump);
        look();
        CHECK(segments() == all);
        put_file_at(directory.path() / "archive");
        CHECK(life.save(some_final("late", 1, 2000)));
        life.clock.set_by(-jump);
        fs::remove(directory.path() / "archive");
        life.wait_and_work(30); // its next try was in 2 s
        CHECK(life.alarm_names().empty());
        CHECK(life.counters.results_archived == 5);
        life.clock.set_by(7 * 86400.0 + 3600);
        look();
        CHECK(segments() == 1);
    }
}

TEST_CASE("little room is an alarm that ends when there is more") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    fs::create_directory(directory.path() / "archive");
    life.config().min_free_bytes = std::uint64_t{1} << 60;
    life.saver.look_after_disks();
    CHECK(life.alarm_names() == Names{"disk"});
    CHECK(life.counters.archive_free_bytes > 0);
    CHECK(life.counters.journal_free_bytes > 0);
    life.config().min_free_bytes = 0;
    life.clock.advance(9);
    life.saver.look_after_disks();
    CHECK(life.alarm_names() == Names{"disk"}); // looked at every ten seconds
    life.clock.advance(1);
    life.saver.look_after_disks();
    CHECK(life.alarm_names().empty());
}

TEST_CASE("scans that began and did not end are told at the next start") {
    TemporaryDirectory const directory;
    {
        Life life(directory.path());
        life.saver.scan_started("a", bytes_of_text("state of a"), 0ms);
        life.saver.scan_started("b", bytes_of_text("state of b"), 0ms);
        life.saver.scan_closed("b");
        life.work();
    }
    Life life(directory.path());
    REQUIRE(life.before.interrupted.size() == 1);
    CHECK(life.before.interrupted[0].uid == "a");
    CHECK(life.before.interrupted[0].state == bytes_of_text("state of a"));
    FinalHistory history;
    recover(life.journal(), life.before, history, life.alarms, life.counters, life.clock);
    CHECK(life.alarm_names() == Names{"journal_start"});
}

TEST_CASE("with its threads running, finals of many are all saved") {
    TemporaryDirectory const directory;
    {
        Life life(directory.path());
        life.saver.start();
        for (int i = 0; i < 50; ++i) CHECK(life.saver.save(some_final(std::to_string(i)), 60s));
        life.saver.finish();
        CHECK(life.counters.results_archived == 50);
    }
    Life const again(directory.path());
    CHECK(std::all_of(again.before.finals.begin(), again.before.finals.end(), [](auto const& final) { return final.archived; }));
    CHECK(again.before.finals.size() == 50);
}

TEST_CASE("what goes out is what the journal has, but for durable where neither disk took it") {
    TemporaryDirectory const directory;
    Life life(directory.path());
    FinalHistory history;
    Sequence sequence;
    std::vector<Messages> published;
    Delivery const deliver({.speaker = {"id13", "epoch"},
                            .sequence = sequence,
                            .archive = life.archive(),
                            .saver = life.saver,
                            .history = history,
                            .alarms = life.alarms,
                            .counters = life.counters,
                            .clock = life.clock,
                            .publish = [&](Messages messages) { published.push_back(std::move(messages)); }});
    auto const play = [&](ReducedResult const& result) {
        auto delivered = std::async(std::launch::async, [&] { deliver(std::make_shared<ReducedResult>(result)); });
        while (delivered.wait_for(1ms) != std::future_status::ready) life.work();
        life.work();
    };
    auto result = test::full_result("u", 3);
    result.state = ResultState::partial;
    play(result);
    CHECK(history.list().empty());
    CHECK(published.back()->front().header["durable"] == false);
    CHECK(life.counters.results_journaled == 0);

    result.state = ResultState::final;
    play(result);
    REQUIRE(history.list().size() == 1);
    CHECK(published.back()->front().header["durable"] == true);
    CHECK(published.back()->front().header["seq"] == 2);
    auto const path = directory.path() / "archive" / NexusArchive::file_of(result.scan);
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 3);

    put_file_at(directory.path() / "archive");
    put_file_at(directory.path() / "journal");
    result.result = 4;
    play(result);
    for (auto const& message : *published.back()) CHECK(message.header["durable"] == false);
    CHECK(history.find("u", 4)->messages == published.back());
}
