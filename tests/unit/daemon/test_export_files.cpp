// Which files a result becomes, and that none is ever replaced.
#include "daemon/export/export_files.hpp"

#include "daemon/export/csv_text.hpp"
#include "daemon/export/file_names.hpp"
#include "daemon/export/series.hpp"
#include "daemon/import/pattern_file.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

using namespace sqd;
using sqd::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

ArchivedResult full() {
    ArchivedResult out;
    out.result = test::full_result();
    out.point_counts = test::some_values(out.result.points->number.size(), 5);
    out.advice = "more counts will not help";
    return out;
}

std::vector<std::string> names(std::vector<ExportedFile> const& files) {
    std::vector<std::string> out;
    for (auto const& file : files) out.push_back(file.path.filename().string());
    return out;
}

/// One file of that content.
std::vector<ExportFile> one(std::string const& content) {
    return {{"sq", "sq", ".sq", false, [content](std::string const&) { return content; }}};
}

std::vector<std::vector<std::string>> cells(std::string const& csv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#")) continue;
        std::istringstream words(line);
        rows.emplace_back();
        for (std::string word; std::getline(words, word, ',');) rows.back().push_back(word);
    }
    return rows;
}

SeriesScan scan(std::string const& name, double temperature, std::int64_t first_ns, Role role = Role::sample) {
    SeriesScan out{name + ".nxs", test::full_result(name), 0};
    out.result.scan.id = name, out.result.scan.role = role;
    out.result.scan.parameters = {{"T_comp", temperature}};
    out.result.time.first_frame_ns = first_ns;
    out.result.curves.fsdp->q1 = 2.6 - 1e-5 * temperature;
    return out;
}

} // namespace

TEST_CASE("every format that is listed makes at least one file of a full result, with an ending of its own or its kind in the name") {
    TemporaryDirectory const directory;
    ArchivedResult const archived = full();
    std::vector<ExportFile> all;
    for (ExportFormat const& format : export_formats()) {
        auto files = files_of(archived, format.word);
        CAPTURE(format.word);
        CHECK_FALSE(files.empty());
        std::move(files.begin(), files.end(), std::back_inserter(all));
    }
    auto written = names(write_files(all, directory.path(), "{sample}", name_fields(archived.result, "x.nxs")));
    for (char const* name : {"vit4_643K.dat", "vit4_643K_net.dat", "vit4_643K.gr", "vit4_643K_adhoc.gr", "vit4_643K_sq.csv",
                             "vit4_643K_points.csv", "vit4_643K_report.png", "vit4_643K_report.pdf"})
        CHECK(std::count(written.begin(), written.end(), name) == 1);
    std::sort(written.begin(), written.end());
    CHECK(std::adjacent_find(written.begin(), written.end()) == written.end());
    CHECK_THROWS_AS(files_of(archived, "grr"), DataError);
}

TEST_CASE("what a result does not have becomes no file") {
    ArchivedResult bare;
    for (char const* format : {"dat", "sq", "gr", "csv", "points"}) CHECK(files_of(bare, format).empty());
}

TEST_CASE("a file that is there is never replaced: the same stays, another gets a number, and a set keeps together") {
    TemporaryDirectory const directory;
    std::map<std::string, std::string> const fields{{"sample", "glass"}};
    auto const first = write_files(one("a"), directory.path(), "{sample}", fields);
    CHECK(names(first) == std::vector<std::string>{"glass.sq"});
    CHECK(names(write_files(one("a"), directory.path(), "{sample}", fields)) == names(first));
    CHECK(names(write_files(one("b"), directory.path(), "{sample}", fields)) == std::vector<std::string>{"glass_1.sq"});
    CHECK(names(write_files(one("b"), directory.path(), "{sample}", fields)) == std::vector<std::string>{"glass_1.sq"});
    CHECK(read_whole_file(directory.path() / "glass.sq") == "a");

    auto set = one("c");
    set.push_back({"gr", "gr", ".gr", false, [](std::string const&) { return "g"; }});
    CHECK(names(write_files(set, directory.path(), "{sample}", fields)) == std::vector<std::string>{"glass_2.sq", "glass_2.gr"});
    fs::create_directory(directory.path() / "folder.sq");
    CHECK(names(write_files(one("d"), directory.path(), "folder", fields)) == std::vector<std::string>{"folder_1.sq"});
}

TEST_CASE("names are filled from the scan, are safe, and say which fields there are") {
    ReducedResult const result = test::full_result();
    auto const fields = name_fields(result, "/data/vit4_643K_sample_uid.nxs");
    CHECK(filled_name("{sample}-{T_comp}K", fields) == "vit4_643K-643K");
    CHECK(filled_name("{scan}", fields) == "vit4_643K_sample_uid");
    CHECK(filled_name("{date}_{time}_{result}", fields) == "20261122_100000_17");
    CHECK(filled_name("../{mount}/x", fields) == "_.._mount_3_x");
    CHECK_THROWS_WITH_AS(filled_name("{temperature}", fields), doctest::Contains("{T_comp}"), DataError);
    CHECK_THROWS_AS(filled_name("{sample", fields), DataError);
    auto files = one("a");
    files.front().says_kind = true;
    TemporaryDirectory const directory;
    CHECK(names(write_files(files, directory.path(), "{kind}-{sample}", fields)) == std::vector<std::string>{"sq-vit4_643K.sq"});
}

TEST_CASE("tables hold every number to its last bit, with units in the labels and sigmas beside values") {
    ReducedResult const r = test::full_result();
    auto const rows = cells(sq_csv(*r.curves.sq, text_header(r)));
    REQUIRE(rows.size() == r.curves.sq->q_invA.size() + 1);
    CHECK(rows[0] == std::vector<std::string>{"q [1/angstrom]", "S", "S_sigma", "F [1/angstrom]", "F_sigma [1/angstrom]"});
    for (std::size_t i = 0; i < r.curves.sq->s.size(); ++i) {
        CHECK(std::stod(rows[i + 1][0]) == r.curves.sq->q_invA[i]);
        CHECK(std::stod(rows[i + 1][1]) == r.curves.sq->s[i]);
        CHECK(std::stod(rows[i + 1][2]) == r.curves.sq->s_sigma[i]);
    }
    CHECK(csv_text({}, {{"a,b", {"say \"no\""}}}).ends_with("\"a,b\"\n\"say \"\"no\"\"\"\n"));
}

TEST_CASE("the trend has a row for each frame: its place, why it was left out, its counts") {
    auto const archived = full();
    auto const rows = cells(points_csv(archived, {}));
    PointTable const& points = *archived.result.points;
    REQUIRE(rows.size() == points.number.size() + 1);
    CHECK(std::vector<std::string>(rows[0].begin(), rows[0].begin() + 4) == std::vector<std::string>{"frame", "row", "col", "left_out"});
    CHECK(rows[4][0] == std::to_string(points.number[3]));
    CHECK(rows[4][3] == "off_sample");
    CHECK(rows[5][3].empty());
}

TEST_CASE("a series stands in the order of its parameter, samples alone, and says who lacks it") {
    auto lacking = scan("lacking", 1, 5);
    lacking.result.scan.parameters = {{"P_comp", 2}};
    Series const series = series_of(
        "T_comp", {scan("hot", 643, 1'000'000'000), scan("cold", 298, 9'000'000'000), lacking, scan("air", 400, 7, Role::background)});
    REQUIRE(series.scans.size() == 2);
    CHECK(series.scans[0].archive == "cold.nxs");
    CHECK(series.scans[1].at == 643);
    REQUIRE(series.left_out.size() == 2);
    CHECK(series.left_out[0].find("P_comp") != std::string::npos);
    CHECK(series.left_out[1].find("background") != std::string::npos);
    auto const rows = cells(series_csv(series));
    REQUIRE(rows.size() == 3);
    auto const column = [&](std::string const& label) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), label) - rows[0].begin());
    };
    CHECK(rows[0].front() == "T_comp");
    CHECK(rows[1].front() == "298");
    CHECK(std::stod(rows[1].at(column("q1 [1/angstrom]"))) == series.scans[0].result.curves.fsdp->q1);
    CHECK(std::stod(rows[2].at(column("q1_sigma [1/angstrom]"))) == series.scans[1].result.curves.fsdp->q1_sigma);
    CHECK(std::stod(rows[2].at(column("shell1_coordination"))) == 11.9);
}

TEST_CASE("time is counted from the first frame of the series") {
    Series const series =
        series_of("time", {scan("b", 0, 9'500'000'000), scan("a", 0, 9'000'000'000), scan("air", 0, 1, Role::background)});
    REQUIRE(series.scans.size() == 2);
    CHECK(series.scans[0].at == 0);
    CHECK(series.scans[1].at == doctest::Approx(0.5));
    CHECK(series_csv(series).find("time [s],") != std::string::npos);
}
