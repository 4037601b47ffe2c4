#include "daemon/import/input_kind.hpp"
#include "daemon/import/natural_order.hpp"
#include "daemon/import/recorded_messages.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace sqd;
using namespace sqd::test;

namespace {

namespace fs = std::filesystem;

void touch(fs::path const& file) {
    std::ofstream{file} << "x";
}

std::vector<std::string> names_in(fs::path const& folder) {
    std::vector<std::string> names;
    for (auto const& file : inputs_in(folder).files) names.push_back(file.filename().string());
    return names;
}

} // namespace

TEST_CASE("names are ordered as people count") {
    CHECK(natural_less("scan_2.cbf", "scan_10.cbf"));
    CHECK_FALSE(natural_less("scan_10.cbf", "scan_2.cbf"));
    CHECK(natural_less("scan_009", "scan_10"));
    CHECK(natural_less("a2b3", "a2b12"));
    CHECK(natural_less("a", "ab"));
    CHECK(natural_less("x123456789012345678901234567890", "x123456789012345678901234567891"));
    CHECK_FALSE(natural_less("same_1", "same_1"));
    CHECK(natural_less("s_01", "s_1") != natural_less("s_1", "s_01"));
}

TEST_CASE("part files are told from other files by their whole name") {
    auto const name = part_name("run/m0012_p3.bin");
    REQUIRE(name);
    CHECK(name->message == "m0012");
    CHECK(name->part == 3);
    for (char const* other : {"m0012.bin", "m0012_p.bin", "m_p1.bin", "mx12_p1.bin", "m0012_p1.binx", "x0012_p1.bin", "m0012_p1x.bin",
                              "_p.bin", "m1_p99999999999999999999.bin", ".bin", ""})
        CHECK_FALSE(part_name(other));
}

TEST_CASE("an input is known by its ending, packed where its format may be") {
    CHECK(input_kind("a.cbf") == InputKind::cbf);
    CHECK(input_kind("a.CBF.gz") == InputKind::cbf);
    CHECK(input_kind("a.edf.bz2") == InputKind::edf);
    CHECK(input_kind("a_master.h5") == InputKind::hdf5);
    CHECK(input_kind("m0000_p0.bin") == InputKind::message_parts);
    CHECK_FALSE(input_kind("a.h5.gz"));
    CHECK_FALSE(input_kind("a.txt"));
    CHECK_FALSE(input_kind("a.gz"));
}

TEST_CASE("a series is named after what its files have in common") {
    CHECK(series_name({"run/scan_0001.cbf.gz"}) == "scan_0001");
    CHECK(series_name({"run/scan_0001.cbf", "run/scan_0002.cbf"}) == "scan");
    CHECK(series_name({"vit4_master.h5"}) == "vit4");
    CHECK(series_name({"vit4_data_000001.h5"}) == "vit4");
    CHECK(series_name({"vit4_data_000001.h5", "vit4_data_000002.h5"}) == "vit4");
    CHECK(series_name({"0001.tif", "0002.tif"}) == "0001");
    TemporaryDirectory const directory;
    CHECK(series_name({directory.path() / ""}) == directory.path().filename());
}

TEST_CASE("a folder gives its inputs in order, and none twice") {
    TemporaryDirectory const directory;
    auto const& folder = directory.path();
    CHECK_THROWS_AS(inputs_in(folder), DataError);
    for (char const* file : {"a_10.cbf", "a_2.cbf", "a_1.cbf.gz", "log.txt"}) touch(folder / file);
    fs::create_directory(folder / "b.cbf");
    CHECK(names_in(folder) == std::vector<std::string>{"a_1.cbf.gz", "a_2.cbf", "a_10.cbf"});
    touch(folder / "a.h5");
    CHECK_THROWS_WITH_AS(inputs_in(folder), doctest::Contains("CBF images and HDF5 files"), DataError);
    for (char const* file : {"a_10.cbf", "a_2.cbf", "a_1.cbf.gz"}) fs::remove(folder / file);
    touch(folder / "a_master.h5");
    CHECK(names_in(folder) == std::vector<std::string>{"a_master.h5"});
}

TEST_CASE("paths that are no series are refused, one that is not there as no input") {
    TemporaryDirectory const directory;
    auto const cbf = directory.path() / "a.cbf", tif = directory.path() / "a.tif", text = directory.path() / "a.txt";
    for (auto const& file : {cbf, tif, text}) touch(file);
    CHECK(inputs_of({cbf}).kind == InputKind::cbf);
    CHECK_THROWS_AS(inputs_of({}), DataError);
    CHECK_THROWS_WITH_AS(inputs_of({cbf, tif}), doctest::Contains("TIFF images among CBF images"), DataError);
    CHECK_THROWS_WITH_AS(inputs_of({text}), doctest::Contains("no kind of input"), DataError);
    CHECK_THROWS_AS(inputs_of({cbf, directory.path()}), DataError);
    CHECK_THROWS_AS(inputs_of({cbf, directory.path() / "absent.cbf"}), IoError);
}
