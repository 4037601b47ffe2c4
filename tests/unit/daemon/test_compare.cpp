// Comparisons outside the mathematics: archives read back, words, the reference and the command that sets it.
#include "daemon/archive/nexus_archive.hpp"
#include "daemon/archive/read_result.hpp"
#include "daemon/comparison_words.hpp"
#include "daemon/publish/comparison_json.hpp"
#include "daemon/verbs/compare.hpp"
#include "daemon/verbs/status.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/compare.hpp"
#include "tests/support/control_bench.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/hdf5_read.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

using namespace sqd;
using sqd::test::Hdf5File;
using sqd::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

ComparedResult named(std::string const& uid, std::string const& id) {
    ComparedResult out;
    out.uid = uid, out.id = id;
    return out;
}

std::shared_ptr<ComparedResult const> shared(ComparedResult result) {
    return std::make_shared<ComparedResult const>(std::move(result));
}

/// A control with an archive of one directory behind it.
struct Bench : test::ControlBench {
    explicit Bench(fs::path directory) : archive(std::move(directory)) {
        read_archived = [this](std::string const& name) { return sqd::read_archived(archive, name); };
    }
    fs::path archive;
};

} // namespace

TEST_CASE("an archive gives back what is compared, so that a live result and its file differ by nothing") {
    TemporaryDirectory directory;
    NexusArchive archive(directory.path(), "");
    auto result = test::full_result();
    auto& sq = *result.curves.sq;
    for (std::size_t i = 0; i < sq.s.size(); ++i) { // errors that can be some
        sq.s_background_sigma[i] = sq.s_sigma[i] / 2;
        sq.errors.background_sigma[i] = sq.errors.sigma[i] / 3;
        sq.errors.correlation[i] = 0.2;
    }
    auto& gr = *result.curves.gr;
    for (std::size_t i = 0; i < gr.r_A.size(); ++i) gr.r_A[i] = 0.1 * static_cast<double>(i + 1);
    for (std::size_t i = 0; i < gr.r_A.size(); ++i) gr.g_background_sigma[i] = gr.g_sigma[i] / 2;
    gr.q_max_invA = sq.q_invA.back();
    archive.write(result);
    auto const live = compared_part(result), read = read_result(archive.path_for(result.scan));
    CHECK(read.uid == live.uid);
    CHECK(read.id == live.id);
    CHECK(read.mount == live.mount);
    CHECK(read.background_uid == live.background_uid);
    CHECK(read.geometry_sha256 == live.geometry_sha256);
    CHECK(read.composition == live.composition);
    CHECK(read.wavelength_A == live.wavelength_A);

    // Every field that a comparison uses: the same numbers come out against a third result, from the file and from memory.
    auto third = live;
    third.mount = "another";
    for (double& s : third.sq->s) s *= 1.01;
    for (double& g : third.gr->g) g *= 1.02;
    third.fsdp->q1 += 0.01, third.fsdp->fwhm += 0.01, third.fsdp->height += 0.1, third.fsdp->q1_max += 0.02;
    third.sq->normalization.alpha += 0.01, third.gr->shells[1].r_A.value += 0.1;
    auto const by_file = compare(read, third), by_memory = compare(live, third);
    REQUIRE(by_file.refused.empty());
    CHECK(comparison_json(by_file) == comparison_json(by_memory));
    CHECK(std::isfinite(by_file.s->p_value_with_geometry));
    CHECK(std::isfinite(by_file.g->p_value_with_geometry));
    CHECK(by_file.numbers.size() == 10);
    CHECK(by_file.s->difference == by_memory.s->difference);
    CHECK(by_file.s->sigma == by_memory.s->sigma);
    CHECK(by_file.g->difference == by_memory.g->difference);
    CHECK(by_file.g->sigma == by_memory.g->sigma);
    CHECK(read.sq->errors.shared.size() == 2);
    CHECK(read.sq->errors.shared[1].response == live.sq->errors.shared[1].response);
    CHECK(read.sq->errors.correlation == live.sq->errors.correlation);
}

TEST_CASE("a scan without curves is read, what is no archive of sqd is refused by name") {
    TemporaryDirectory directory;
    NexusArchive archive(directory.path(), "");
    ReducedResult bare;
    bare.scan.uid = "bare", bare.scan.id = "air";
    bare.state = ResultState::final;
    archive.write(bare);
    auto const read = read_result(archive.path_for(bare.scan));
    CHECK(read.id == "air");
    CHECK_FALSE(read.fsdp);
    CHECK_FALSE(read.sq);
    CHECK_FALSE(read.gr);

    auto const text = directory.path() / "text.nxs";
    std::ofstream(text) << "no HDF5";
    CHECK_THROWS_WITH_AS(read_result(text), doctest::Contains((text.string() + ": no HDF5 file").c_str()), DecodeError);
    CHECK_THROWS_AS(read_result(directory.path() / "absent.nxs"), IoError);
    auto const foreign = directory.path() / "foreign.h5";
    hid_t const file = H5Fcreate(foreign.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    CHECK_THROWS_WITH_AS(read_result(foreign), doctest::Contains("no archive of sqd"), DecodeError);
}

TEST_CASE("columns that do not fit each other are a broken file, not a crash") {
    TemporaryDirectory directory;
    NexusArchive archive(directory.path(), "");
    auto write_and_read = [&, number = std::uint64_t{0}](std::function<void(ReducedCurves&)> const& injure) mutable {
        auto result = test::full_result("uid", ++number); // a later one replaces the one before
        injure(result.curves);
        archive.write(result);
        return read_result(archive.path_for(result.scan));
    };
    CHECK_NOTHROW(write_and_read([](auto&) {}));
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->s.pop_back(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->s_sigma.clear(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->q_invA.clear(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->errors.direct.pop_back(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->errors.correlation.pop_back(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.sq->errors.shared[0].effect.pop_back(); }), DecodeError);
    CHECK_THROWS_AS(write_and_read([](auto& c) { c.gr->g_sigma.pop_back(); }), DecodeError);
}

TEST_CASE("a name from a client never leads out of the archive") {
    TemporaryDirectory directory;
    auto const inside = directory.path() / "archive", outside = directory.path() / "outside", beside = directory.path() / "archive2";
    for (auto const& each : {inside, outside, beside}) fs::create_directory(each);
    auto const result = test::full_result();
    std::string name;
    for (auto const& each : {inside, outside, beside}) {
        NexusArchive archive(each, "");
        archive.write(result);
        name = archive.path_for(result.scan).filename();
    }
    fs::create_directory(inside / "2026");
    fs::copy(inside / name, inside / "2026" / name);
    fs::create_symlink(outside / name, inside / "link.nxs");
    fs::create_directory_symlink(outside, inside / "folder");
    CHECK(read_archived(inside, name).uid == result.scan.uid);
    CHECK(read_archived(inside, "2026/../" + name).uid == result.scan.uid);
    CHECK(read_archived(inside, "2026/" + name).uid == result.scan.uid);
    for (std::string const& bad : {"../outside/" + name, "../archive2/" + name, (outside / name).string(), std::string("link.nxs"),
                                   "folder/" + name, std::string(), std::string("."), std::string("absent.nxs"), std::string("a\0b", 3),
                                   name + std::string("\0x", 2), name + "/", std::string(300, 'a'), std::string("\xff\xfe.nxs")})
        CHECK_THROWS_AS(read_archived(inside, bad), DataError);
}

TEST_CASE("a comparison in words says whether it is the sample or the mount") {
    auto c = test::some_comparison();
    CHECK(words(c) == "q1 moved by +0.00210(20) 1/A: 10 sigma of counting, 1.6 with the mount: it may be the mount");
    c.change = Change::sample;
    CHECK(words(c) == "q1 moved by +0.00210(20) 1/A: 10 sigma of counting, 1.6 with the mount: more than the mount, the sample");
    c.one_mount = true;
    CHECK(words(c) == "q1 moved by +0.00210(20) 1/A: 10 sigma of counting in one mount: the sample");
    c.change = Change::none;
    c.numbers[0].value = -0.0001, c.numbers[0].significance = 0.52;
    CHECK(words(c) == "q1 moved by -0.00010(20) 1/A: 0.52 sigma of counting in one mount: no change");
    c.one_mount = false;
    c.numbers[0].significance_with_geometry = std::nan("");
    CHECK(words(c).find("what the mount does is not known") != std::string::npos);
    c.change.reset();
    CHECK(words(c).find("errors that are not known") != std::string::npos);
    c.numbers.erase(c.numbers.begin());
    CHECK(words(c) == "S(q) against that of 'vit4_298K': chi2 per degree of freedom 1.50 (p 0.04), with the mount 1.10 (p 0.32)");
    c.refused = "other energies";
    CHECK(words(c) == "not compared with 'vit4_298K': other energies");
}

TEST_CASE("the terminal shows both scans, a line per number and the sentence; JSON holds no NaN") {
    auto const c = test::some_comparison();
    std::string const text = comparison_text(named("u1", "first"), named("u2", "second"), c), sentence = words(c);
    for (std::string const& part : {std::string("first (u1)"), std::string("second (u2)"), std::string("+0.00210(20)"),
                                    std::string("something (why)"), std::string("other geometries"), sentence})
        CHECK(text.find(part) != std::string::npos);
    auto unknown = c;
    unknown.numbers[0].sigma = unknown.numbers[0].significance = std::nan("");
    auto const json = comparison_json(unknown);
    CHECK_FALSE(json.at("numbers").at("q1").contains("sigma"));
    CHECK(json.at("numbers").at("q1").at("difference") == 0.0021);
    CHECK(json.at("S").at("p_value") == 0.04);
    CHECK(json.at("change") == "perhaps_mount");
}

TEST_CASE("the archive of a compared scan holds what differed") {
    TemporaryDirectory directory;
    NexusArchive archive(directory.path(), "");
    auto result = test::full_result();
    archive.write(result);
    auto const& c = *result.comparison;
    {
        Hdf5File const file(archive.path_for(result.scan));
        std::string const group = "/entry/comparison";
        CHECK(file.text(group + "/reference_uid") == c.reference_uid);
        CHECK(file.text(group + "/sentence") == words(c));
        CHECK(file.text(group + "/change") == "perhaps_mount");
        CHECK(file.value<double>(group + "/numbers/q1/difference") == 0.0021);
        CHECK(file.value<double>(group + "/numbers/q1/significance_with_geometry") == 1.6);
        CHECK(file.attribute(group + "/numbers/q1/difference", "units") == "1/angstrom");
        CHECK(file.values<double>(group + "/S/difference") == c.s->difference);
        CHECK(file.values<double>(group + "/S/q") == c.s->x);
        CHECK(file.values<double>(group + "/G/difference_errors") == c.g->sigma);
        CHECK(file.value<double>(group + "/G/p_value_with_geometry") == 0.4);
        CHECK(file.texts(group + "/left_out") == c.left_out);
    }
    result.scan.uid = "without";
    result.comparison = nullptr;
    archive.write(result);
    CHECK_FALSE(Hdf5File(archive.path_for(result.scan)).has("/entry/comparison"));
}

TEST_CASE("a compared result goes out with the comparison beside its peak, and the differences of its curves") {
    Sequence sequence;
    auto result = test::full_result();
    auto const names = [](WireMessage const& message) {
        std::vector<std::string> out;
        for (auto const& entry : message.header.at("arrays")) out.push_back(entry.at("name"));
        return out;
    };
    bool sq = false, gr = false, fsdp = false;
    for (auto const& message : result_messages(result, {"id13", "e"}, sequence, 1)) {
        auto const has = [list = names(message)](char const* name) { return std::find(list.begin(), list.end(), name) != list.end(); };
        if (message.topic == "id13/sq/") sq = has("S_difference") && has("S_difference_sigma");
        if (message.topic == "id13/gr/") gr = has("G_difference") && has("G_difference_sigma");
        if (message.topic == "id13/fsdp/") fsdp = message.header.at("comparison") == comparison_json(*result.comparison);
    }
    CHECK(sq);
    CHECK(gr);
    CHECK(fsdp);
    result.comparison = nullptr;
    for (auto const& message : result_messages(result, {"id13", "e"}, sequence, 1)) CHECK_FALSE(message.header.contains("comparison"));
}

TEST_CASE("the reference is the final of that uid, else the newest of that id; what is too long ago is forgotten") {
    ReferenceBoard board;
    CHECK_FALSE(board.current());
    CHECK_FALSE(board.choose_final("a"));
    board.remember(shared(named("1", "glass")));
    board.remember(shared(named("2", "glass")));
    board.remember(shared(named("3", "1"))); // an id like another's uid
    CHECK(board.choose_final("glass")->uid == "2");
    CHECK(board.choose_final("1")->id == "glass");
    CHECK_FALSE(board.choose_final("none"));
    CHECK(board.current()->uid == "1");
    for (std::size_t i = 0; i < ReferenceBoard::most_finals; ++i) board.remember(shared(named("later", "later")));
    CHECK_FALSE(board.choose_final("glass"));
    CHECK(board.current()->uid == "1"); // chosen is kept
    board.clear();
    CHECK_FALSE(board.current());
}

TEST_CASE("the command chooses by scan or by file, clears, and says what is chosen; refusals leave it as it was") {
    TemporaryDirectory directory;
    NexusArchive archive(directory.path(), "");
    auto const result = test::full_result();
    archive.write(result);
    Bench bench(directory.path());
    auto const ask = [&bench](Json request) {
        request["command"] = "reference";
        return bench(request);
    };
    CHECK(ask(Json::object()).at("reference") == nullptr);
    CHECK(bench({{"command", "status"}}).at("reference") == nullptr);
    bench.references.remember(shared(named("u1", "first")));
    auto const chosen = ask({{"scan", "first"}});
    CHECK(chosen.at("ok") == true);
    CHECK(chosen.at("reference") == Json{{"uid", "u1"}, {"id", "first"}});
    auto const status = bench({{"command", "status"}});
    CHECK(status.at("reference").at("uid") == "u1");
    CHECK(status_text(status).find("reference   first\n") != std::string::npos);

    for (Json const& bad : {Json{{"scan", "never"}}, Json{{"scan", 7}}, Json{{"clear", false}}, Json{{"scan", "first"}, {"clear", true}},
                            Json{{"colour", "red"}}, Json{{"archive", "absent.nxs"}}, Json{{"archive", "../x.nxs"}}}) {
        auto const refused = ask(bad);
        CHECK(refused.at("ok") == false);
        CHECK(refused.at("error").at("code") == "bad_value");
        CHECK(bench.references.current()->uid == "u1");
    }
    std::ofstream(directory.path() / "broken.nxs") << "no HDF5";
    CHECK(ask({{"archive", "broken.nxs"}}).at("error").at("code") == "bad_value");

    CHECK(ask({{"archive", archive.path_for(result.scan).filename().string()}}).at("reference").at("uid") == result.scan.uid);
    CHECK(bench.references.current()->fsdp->q1 == result.curves.fsdp->q1);
    CHECK(ask({{"clear", true}}).at("reference") == nullptr);
    CHECK_FALSE(bench.references.current());
}
