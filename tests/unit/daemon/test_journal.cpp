// The journal on disk: on disk when append() returns, one writer, torn ends cut, damage survived, segments kept while they are needed.
#include "daemon/journal/journal.hpp"
#include "daemon/journal/scan_records.hpp"
#include "daemon/journal/segment_ledger.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/journal_bench.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <set>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sqd;
using namespace sqd::test;
namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(fs::path const& directory) {
    std::set<std::string> names;
    for (auto const& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
    return names;
}

std::string content(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(fs::path const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> uids(JournalContents const& contents) {
    std::vector<std::string> out;
    for (auto const& final : contents.finals) out.push_back(final.meta.key.uid);
    return out;
}

} // namespace

TEST_CASE("a final comes back from the journal of the start after, with every byte") {
    TemporaryDirectory const directory;
    auto const written = some_final("u1", 7);
    RecordPlace place;
    {
        Journal journal(directory.path());
        place = append_final(journal, written);
        CHECK(*read_image(journal, place) == *written.image);
    }
    Journal const journal(directory.path());
    auto const contents = read_contents(journal);
    REQUIRE(contents.finals.size() == 1);
    auto const& final = contents.finals[0];
    CHECK(final.meta.key == written.meta.key);
    CHECK(final.meta.id == written.meta.id);
    CHECK(final.meta.file == written.meta.file);
    CHECK_FALSE(final.archived);
    CHECK(*read_image(journal, final.place) == *written.image);
    CHECK(same(*read_messages(journal, final.place), *written.messages));
    CHECK(contents.damaged + contents.damaged_bytes == 0);
}

TEST_CASE("what began and did not end was interrupted; a final or `closed` ends a scan") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path());
        for (auto const* uid : {"a", "b", "c", "d"}) append_start(journal, uid, bytes_of_text(std::string("state of ") + uid));
        append_final(journal, some_final("b"));
        append_closed(journal, "c");
        append_archived(journal, {"b", 1});
    }
    Journal const journal(directory.path());
    auto const contents = read_contents(journal);
    REQUIRE(contents.interrupted.size() == 2);
    CHECK(contents.interrupted[0].uid == "a");
    CHECK(contents.interrupted[1].uid == "d");
    CHECK(contents.interrupted[1].state == bytes_of_text("state of d"));
    REQUIRE(contents.finals.size() == 1);
    CHECK(contents.finals[0].archived);
}

TEST_CASE("`archived` is of one result of a scan") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path());
        append_final(journal, some_final("a", 1));
        append_final(journal, some_final("a", 2));
        append_archived(journal, {"a", 1});
    }
    Journal const journal(directory.path());
    auto const contents = read_contents(journal);
    REQUIRE(contents.finals.size() == 2);
    CHECK(contents.finals[0].archived);
    CHECK_FALSE(contents.finals[1].archived);
}

TEST_CASE("one journal has one writer") {
    TemporaryDirectory const directory;
    std::optional<Journal> first(directory.path() / "journal");
    try {
        Journal const second(directory.path() / "journal");
        FAIL("two writers");
    } catch (IoError const& error) {
        CHECK(std::string(error.what()).find("journal.directory") != std::string::npos);
        CHECK(std::string(error.what()).find("in use") != std::string::npos);
    }
    first.reset();
    CHECK_NOTHROW(Journal(directory.path() / "journal"));
}

TEST_CASE("segments end at their size, begin anew at every start, and sequences go on") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path(), 1000);
        for (int i = 0; i < 4; ++i) append_final(journal, some_final("u" + std::to_string(i), 1, 600));
    }
    CHECK(names_in(directory.path()) == std::set<std::string>{"00000001.sqdj", "00000002.sqdj"});
    std::uint64_t last = 0;
    {
        Journal journal(directory.path(), 1000);
        CHECK(names_in(directory.path()).size() == 2); // made when something is written
        last = append_closed(journal, "x").record.sequence;
        CHECK(journal.current_segment() == 3);
    }
    CHECK(last == 5);
    Journal const journal(directory.path());
    CHECK(uids(read_contents(journal)) == std::vector<std::string>{"u0", "u1", "u2", "u3"});
}

TEST_CASE("a torn end is cut and what follows is found, wherever it is torn") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path());
        append_final(journal, some_final("first"));
        append_final(journal, some_final("torn_")); // as long as the first
    }
    auto const path = directory.path() / "00000001.sqdj";
    std::string const whole = content(path);
    std::uint64_t const end_of_first = whole.size() / 2;
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        overwrite(path, whole.substr(0, size));
        bool const has_first = size >= end_of_first;
        {
            Journal journal(directory.path());
            auto const contents = read_contents(journal);
            CHECK(uids(contents).size() == (has_first ? 1U : 0U));
            CHECK(contents.damaged_bytes == size - (has_first ? end_of_first : 0));
            append_final(journal, some_final("after"));
        }
        {
            Journal const journal(directory.path());
            auto const contents = read_contents(journal);
            CHECK(contents.damaged_bytes == 0); // cut, so told once
            CHECK(uids(contents).back() == "after");
        }
        fs::remove(directory.path() / "00000002.sqdj");
    }
}

TEST_CASE("damage in one segment hides nothing in the next") {
    TemporaryDirectory const directory;
    {
        Journal journal(directory.path(), 100);
        for (auto const* uid : {"a", "b", "c"}) append_final(journal, some_final(uid));
    }
    auto const path = directory.path() / "00000002.sqdj";
    std::string bytes = content(path);
    SUBCASE("a header") {
        bytes[10] = 'x';
        overwrite(path, bytes);
        Journal const journal(directory.path());
        auto const contents = read_contents(journal);
        CHECK(uids(contents) == std::vector<std::string>{"a", "c"});
        CHECK(contents.damaged_bytes == bytes.size());
    }
    SUBCASE("what it is about") {
        bytes[bytes.find("\"uid\"")] = 'x';
        overwrite(path, bytes);
        Journal const journal(directory.path());
        auto const contents = read_contents(journal);
        CHECK(uids(contents) == std::vector<std::string>{"a", "c"});
        CHECK(contents.damaged == 1);
    }
    SUBCASE("its last array") {
        bytes[bytes.find("abc")] = 'x';
        overwrite(path, bytes);
        Journal const journal(directory.path());
        auto const contents = read_contents(journal);
        REQUIRE(uids(contents) == std::vector<std::string>{"a", "b", "c"});
        CHECK_THROWS_AS(read_messages(journal, contents.finals[1].place), IoError);
        CHECK(*read_image(journal, contents.finals[1].place) == *some_final("b").image);
    }
}

TEST_CASE("a final of the journal names no file outside the archive") {
    TemporaryDirectory const directory;
    auto hostile = some_final("a");
    hostile.meta.file = "../../etc/cron.d/x";
    {
        Journal journal(directory.path());
        append_final(journal, hostile);
    }
    Journal const journal(directory.path());
    CHECK(read_contents(journal).finals.empty());
    CHECK(read_contents(journal).damaged == 1);
}

TEST_CASE("a directory that is removed or moved under the journal is made again") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "journal";
    {
        Journal journal(path);
        append_final(journal, some_final("gone"));
        SUBCASE("removed") {
            fs::remove_all(path);
        }
        SUBCASE("moved") {
            fs::rename(path, directory.path() / "elsewhere");
        }
        append_final(journal, some_final("kept"));
        append_final(journal, some_final("kept, too"));
    }
    Journal const journal(path);
    CHECK(uids(read_contents(journal)) == std::vector<std::string>{"kept", "kept, too"});
}

TEST_CASE("a disk that takes no more is an error, and the next append works once it does") {
    TemporaryDirectory const directory;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    {
        Journal journal(directory.path());
        append_final(journal, some_final("before"));
        rlimit const tight{2000, old.rlim_max};
        REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
        std::string message;
        for (int i = 0; i < 3; ++i) {
            try {
                append_final(journal, some_final("does not fit", 1, 5000));
            } catch (IoError const& error) {
                message = error.what();
            }
        }
        CHECK(names_in(directory.path()) == std::set<std::string>{"00000001.sqdj"}); // none that is empty
        REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
        CHECK(message.find("File too large") != std::string::npos);
        append_final(journal, some_final("after", 1, 5000));
    }
    Journal const journal(directory.path());
    auto const contents = read_contents(journal);
    CHECK(uids(contents) == std::vector<std::string>{"before", "after"});
    CHECK(contents.damaged_bytes == 0);
}

TEST_CASE("after kill -9 every final that was acknowledged is there") {
    for (int round = 0; round < 20; ++round) {
        TemporaryDirectory const directory;
        int acknowledged[2];
        REQUIRE(::pipe(acknowledged) == 0);
        pid_t const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            Journal journal(directory.path(), 20000);
            for (unsigned char i = 0;; ++i) {
                append_final(journal, some_final(std::to_string(i), 1, 3000));
                if (::write(acknowledged[1], &i, 1) != 1) ::_exit(1);
            }
        }
        ::close(acknowledged[1]);
        unsigned char last = 0;
        for (int i = 0; i <= round; ++i) REQUIRE(::read(acknowledged[0], &last, 1) == 1);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(acknowledged[0], &last, 1) == 1) {
        }
        ::close(acknowledged[0]);
        Journal const journal(directory.path());
        auto const contents = read_contents(journal);
        REQUIRE(contents.finals.size() > last);
        for (unsigned i = 0; i <= last; ++i) {
            auto const expected = some_final(std::to_string(i), 1, 3000);
            CHECK(contents.finals[i].meta.key == expected.meta.key);
            CHECK(*read_image(journal, contents.finals[i].place) == *expected.image);
        }
    }
}

TEST_CASE("segments go when the archive has their finals: by age, by size, the oldest first, and none before one that is needed") {
    std::vector<FoundSegment> found;
    for (std::uint32_t number = 1; number <= 5; ++number) found.push_back({number, 100, 1000 * std::int64_t{number}, {}});
    JournalContents contents;
    contents.finals.push_back({some_final("a").meta, {3, {}}, false});
    contents.interrupted_in = {{"s", 4}};
    Retention const none_but_three{0, 300};

    SegmentLedger ledger(found, contents);
    CHECK(ledger.take_removable({0, 500}, 6).empty());
    CHECK(ledger.take_removable({1000, 500}, 6).empty());
    CHECK(ledger.take_removable({1001, 500}, 6) == std::vector<std::uint32_t>{1});
    CHECK(ledger.take_removable(none_but_three, 6) == std::vector<std::uint32_t>{2});
    CHECK(ledger.take_removable({100000, 0}, 6).empty()); // 3 has a final that is not archived
    ledger.archived({"a", 2});
    CHECK(ledger.take_removable({100000, 0}, 6).empty()); // another result
    ledger.archived({"a", 1});
    CHECK(ledger.take_removable({100000, 0}, 6) == std::vector<std::uint32_t>{3}); // 4 has a scan that is not over
    ledger.keeps({"s", 1}, 5);
    CHECK(ledger.take_removable({100000, 0}, 6) == std::vector<std::uint32_t>{4}); // over, but its final is in 5
    ledger.archived({"s", 1});
    CHECK(ledger.take_removable({100000, 0}, 5).empty()); // being written
    CHECK(ledger.take_removable({100000, 0}, 6) == std::vector<std::uint32_t>{5});
    CHECK(ledger.bytes() == 0);
}
