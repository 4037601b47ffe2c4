// A file of the archive is there whole or not at all, whatever happens while it is written.
#include "daemon/archive/detector_file.hpp"
#include "daemon/archive/nexus_archive.hpp"
#include "daemon/durable_file.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/hdf5_read.hpp"
#include "tests/support/written_archive.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sqd;
using sqd::test::config_text;
using sqd::test::Hdf5File;
using sqd::test::TemporaryDirectory;
using sqd::test::Written;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> bytes_of(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    auto const* first = reinterpret_cast<std::byte const*>(text.data());
    return {first, first + text.size()};
}

std::size_t files_in(fs::path const& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a result that holds nothing but its key is archived") {
    ReducedResult r;
    r.scan.uid = "u";
    r.state = ResultState::aborted;
    r.points = std::make_shared<PointTable const>();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    CHECK(file.shape("/entry/azimuthal_integration/data/I") == std::vector<hsize_t>{0});
    CHECK(file.text("/entry/provenance/state") == "aborted");
    CHECK_FALSE(file.has("/entry/start_time"));
}

TEST_CASE("partials are not archived") {
    ReducedResult r = test::full_result();
    r.state = ResultState::partial;
    Written const written(r);
    CHECK(files_in(written.directory.path()) == 0);
}

TEST_CASE("the same result gives the same bytes, and leaves one file") {
    ReducedResult const r = test::full_result();
    Written written(r);
    auto const path = written.archive.path_for(r.scan);
    auto const before = bytes_of(path);
    written.archive.write(r);
    CHECK(bytes_of(path) == before);
    CHECK(before == nexus_image(r, config_text));
    CHECK(Hdf5File(path).time_of("/entry/structure_factor/data/S") == 0); // tomorrow as well
    CHECK(Hdf5File(path).time_of("/entry/frames/points/bin_counts") == 0);
    CHECK(files_in(written.directory.path()) == 1);
}

TEST_CASE("a later result of a scan replaces the earlier one and never the other way round") {
    Written written(test::full_result("uid", 17));
    auto const path = written.archive.path_for(test::full_result("uid").scan);
    written.archive.write(test::full_result("uid", 18));
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 18);
    written.archive.write(test::full_result("uid", 17));
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 18);
    written.archive.write(test::full_result("another uid", 1));
    CHECK(files_in(written.directory.path()) == 2);
}

TEST_CASE("names of files hold nothing that a shell, a path or a file system would misread") {
    TemporaryDirectory const directory;
    NexusArchive const archive(directory.path(), config_text);
    ScanIdentity scan;
    scan.id = "../a b/\xc3\xa9;rm\n";
    scan.uid = "u-1";
    CHECK(archive.path_for(scan) == directory.path() / "_.._a_b____rm__sample_u-1.nxs");
    scan.id.clear();
    scan.role = Role::background;
    CHECK(archive.path_for(scan) == directory.path() / "__background_u-1.nxs");
    scan.id = std::string(1000, 'x');
    CHECK(archive.path_for(scan).filename().string().size() < 255);
}

TEST_CASE("the detector's own file is named by series and scan, and no name leads elsewhere") {
    ScanIdentity scan;
    scan.id = "vit4";
    scan.series_id = 12;
    CHECK(detector_file("../eiger/series_{series}_master.h5", scan) == "../eiger/series_12_master.h5");
    CHECK(detector_file("{name}/{name}_{series}.cbf", scan) == "vit4/vit4_12.cbf");
    CHECK(detector_file("", scan).empty());
    scan.id = "../../{series}{name}/x\ny";
    CHECK(detector_file("a/{name}.h5", scan) == "a/_.._..__series__name__x_y.h5");
    scan.id = "..";
    CHECK(detector_file("a/{name}/m.h5", scan) == "a/_../m.h5");
}

TEST_CASE("the link to the detector's own file is relative, is followed once the file is there, and hinders nobody before") {
    TemporaryDirectory const directory;
    fs::create_directories(directory.path() / "eiger");
    NexusArchive archive(directory.path() / "archive", config_text, "../eiger/series_{series}_master.h5");
    ReducedResult const result = test::full_result();
    archive.write(result);
    auto const path = archive.path_for(result.scan);
    Hdf5File const file(path);
    std::string const name = "../eiger/series_" + std::to_string(result.scan.series_id) + "_master.h5";
    CHECK(file.text("/entry/detector_file/path") == name);
    CHECK(file.value<std::uint64_t>("/entry/provenance/result") == result.result);
    CHECK_FALSE(file.has("/entry/detector_file/entry/provenance/result"));
    fs::copy_file(path, directory.path() / "archive" / name); // any NeXus file
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/detector_file/entry/provenance/result") == result.result);
    archive.write(test::full_result("other"));
    CHECK_FALSE(Hdf5File(Written(result).archive.path_for(result.scan)).has("/entry/detector_file"));
}

TEST_CASE("a directory that cannot be is refused with its name, and made as soon as it can be") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "a_file";
    std::ofstream(file) << "x";
    NexusArchive archive(file / "below", config_text);
    try {
        archive.write(test::full_result());
        FAIL("accepted");
    } catch (IoError const& error) {
        CHECK(error.output());
        CHECK(std::string(error.what()).find(file.string()) != std::string::npos);
        CHECK(std::string(error.what()).find("Not a directory") != std::string::npos);
    }
    fs::remove(file);
    archive.write(test::full_result());
    CHECK(files_in(file / "below") == 1);
}

TEST_CASE("a write that the system refuses names file and reason, and leaves the old file alone") {
    Written written(test::full_result("uid", 17));
    auto const path = written.archive.path_for(test::full_result("uid").scan);
    auto const before = bytes_of(path);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    rlimit const tight{4096, old.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    std::string message;
    try {
        written.archive.write(test::full_result("uid", 18));
    } catch (IoError const& error) {
        message = error.what();
        CHECK(error.output());
    }
    REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK(message.find(path.string()) != std::string::npos);
    CHECK(message.find("File too large") != std::string::npos);
    CHECK(bytes_of(path) == before);
    CHECK(files_in(written.directory.path()) == 1);
    written.archive.write(test::full_result("uid", 18));
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 18);
}

TEST_CASE("a link in the place of the file that is being written is not followed") {
    TemporaryDirectory folder;
    fs::path const outside = folder.path() / "outside", file = folder.path() / "file";
    std::ofstream(outside) << "untouched";
    fs::create_symlink(outside, file.string() + std::string(temporary_suffix));
    std::vector<std::byte> const bytes(4, std::byte{'x'});
    CHECK_THROWS_AS(replace_file(file, bytes), IoError);
    CHECK(bytes_of(outside).size() == 9);
    fs::remove(file.string() + std::string(temporary_suffix));
    fs::create_symlink(outside, file); // in the place of the file itself it is replaced
    replace_file(file, bytes);
    CHECK(bytes_of(outside).size() == 9);
    CHECK(bytes_of(file) == bytes);
    CHECK_FALSE(fs::is_symlink(file));
}

TEST_CASE("what a kill leaves behind between writing and renaming does no harm") {
    Written written(test::full_result("uid", 17));
    auto const path = written.archive.path_for(test::full_result("uid").scan);
    std::ofstream(path.string() + ".tmp") << "half a file";
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 17);
    written.archive.write(test::full_result("uid", 18));
    CHECK(Hdf5File(path).value<std::uint64_t>("/entry/provenance/result") == 18);
    CHECK(files_in(written.directory.path()) == 1);
}

TEST_CASE("after kill -9 at any moment of a replacement the file is the old one or the new one") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "file";
    std::vector<std::byte> const old_bytes(300000, std::byte{1}), new_bytes(400000, std::byte{2});
    replace_file(path, old_bytes);
    for (int kill_after = 0; kill_after < 40; ++kill_after) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        pid_t const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            char const tick = 'x';
            for (;;) {
                replace_file(path, new_bytes);
                if (::write(ready[1], &tick, 1) != 1) ::_exit(1);
                replace_file(path, old_bytes);
                if (::write(ready[1], &tick, 1) != 1) ::_exit(1);
            }
        }
        ::close(ready[1]);
        char tick = 0;
        for (int i = 0; i <= kill_after % 4; ++i) REQUIRE(::read(ready[0], &tick, 1) == 1);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        auto const found = bytes_of(path);
        CHECK((found == old_bytes || found == new_bytes));
    }
}
