// Files that appear in a folder, however their writer makes them appear.
#include "daemon/run/folder_watch.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace sqd;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

void write(fs::path const& path, std::string const& text) {
    std::ofstream(path) << text;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a file is told once it is moved into the folder or closed after writing, in that order") {
    test::TemporaryDirectory folder, elsewhere;
    FolderWatch watch(folder.path(), ".cbf");
    write(folder.path() / "t_00001.cbf", "x");
    write(elsewhere.path() / "t_00000.cbf", "y");
    fs::rename(elsewhere.path() / "t_00000.cbf", folder.path() / "t_00000.cbf");
    CHECK(watch.wait(5s) == Names{"t_00001.cbf", "t_00000.cbf"});
    CHECK(watch.wait(0ms).empty());
}

TEST_CASE("a file that is written under another name and renamed is one file") {
    test::TemporaryDirectory folder;
    FolderWatch watch(folder.path(), ".cbf");
    write(folder.path() / ".t_00000.cbf.tmp", "x");
    fs::rename(folder.path() / ".t_00000.cbf.tmp", folder.path() / "t_00000.cbf");
    CHECK(watch.wait(5s) == Names{"t_00000.cbf"});
    CHECK(watch.wait(0ms).empty());
}

TEST_CASE("what is there before is not new until it is written again; other endings and hidden files are not wanted") {
    test::TemporaryDirectory folder;
    write(folder.path() / "old_00000.cbf", "x");
    FolderWatch watch(folder.path(), ".cbf");
    write(folder.path() / "log.txt", "x");
    write(folder.path() / ".hidden.cbf", "x");
    CHECK(watch.wait(0ms).empty());
    write(folder.path() / "old_00000.cbf", "longer");
    CHECK(watch.wait(5s) == Names{"old_00000.cbf"});
}

TEST_CASE("a search of the folder finds what no event told of, and nothing twice") {
    test::TemporaryDirectory folder;
    FolderWatch watch(folder.path(), ".cbf");
    for (auto const* name : {"t_00002.cbf", "t_00000.cbf", "t_00001.CBF"}) write(folder.path() / name, name);
    CHECK(watch.rescan() == Names{"t_00000.cbf", "t_00001.CBF", "t_00002.cbf"});
    CHECK(watch.rescan().empty());
    CHECK(watch.wait(0ms).empty()); // the events of files that the search has found
    fs::remove(folder.path() / "t_00001.CBF");
    CHECK(watch.rescan().empty());
}

TEST_CASE("a file that was read before its event came is not new") {
    test::TemporaryDirectory folder;
    FolderWatch watch(folder.path(), ".cbf");
    write(folder.path() / "t_00000.cbf", "x");
    watch.note("t_00000.cbf", watch.version("t_00000.cbf").value());
    write(folder.path() / "t_00001.cbf", "x");
    CHECK(watch.wait(5s) == Names{"t_00001.cbf"});
}

TEST_CASE("a folder that is not there is a configuration error with its name") {
    try {
        FolderWatch watch("/nonexistent/ramdisk", ".cbf");
        FAIL("no error");
    } catch (ConfigError const& error) {
        CHECK(std::string(error.what()).find("/nonexistent/ramdisk cannot be watched (No such file or directory)") != std::string::npos);
    }
}

TEST_CASE("a folder that goes and comes back is seen to be gone, and watched again") {
    test::TemporaryDirectory directory;
    auto const folder = directory.path() / "images";
    fs::create_directory(folder);
    write(folder / "old.cbf", "x");
    FolderWatch watch(folder, ".cbf");
    CHECK(watch.wait(0ms).empty());
    CHECK(watch.there());
    fs::rename(folder, directory.path() / "elsewhere");
    CHECK(watch.wait(0ms).empty());
    CHECK_FALSE(watch.there());
    fs::create_directory(folder);
    write(folder / "early.cbf", "x"); // before it is watched again
    CHECK(watch.wait(0ms) == Names{"early.cbf"});
    CHECK(watch.there());
    write(folder / "late.cbf", "x");
    CHECK(watch.wait(10s) == Names{"late.cbf"});
}
