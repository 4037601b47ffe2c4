#include "daemon/verbs/check.hpp"

#include "pipeline/core/errors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace sqd;

namespace {

std::string shipped(std::string const& name) {
    char const* source = std::getenv("SQD_SOURCE");
    auto const root =
        source != nullptr ? std::filesystem::path(source) : std::filesystem::path(__FILE__).parent_path() / ".." / ".." / "..";
    return (root / "config" / name).string();
}

/// What `sqd check` prints, by way of a temporary file in the place of stdout.
std::string printed(std::string const& file, bool json) {
    std::fflush(stdout);
    int const terminal = dup(STDOUT_FILENO);
    std::FILE* const capture = std::tmpfile();
    dup2(fileno(capture), STDOUT_FILENO);
    int code = -1;
    try {
        code = check_command(file, json);
    } catch (std::exception const& e) {
        MESSAGE(e.what());
    }
    std::fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    std::string text;
    std::rewind(capture);
    for (int c = std::fgetc(capture); c != EOF; c = std::fgetc(capture)) text += static_cast<char>(c);
    std::fclose(capture);
    CHECK(code == 0);
    return text;
}

} // namespace

TEST_CASE("check says for ID13 what its assumed geometry sees") {
    auto const said = nlohmann::json::parse(printed(shipped("id13.yaml"), true));
    CHECK(said["ok"] == true);
    CHECK(said["bins"] == 2300);
    CHECK(said["empty_bins"] == 0);
    CHECK(said["masked_pixels"] == 250330); // pyFAI's mask of an Eiger 4M
    CHECK(said["masked_by_gaps"]["pixels"] == 250330);
    CHECK(said["masked_by_gaps"]["percent"].get<double>() == doctest::Approx(100 * 250330 / (2167.0 * 2070)).epsilon(1e-12));
    CHECK(said["masked_by_files"]["pixels"] == 0);
    CHECK(said["orientation"] == 3);
    CHECK(said["orientation_in_words"].get<std::string>().starts_with("3 (not stated): "));
    CHECK(said["geometry"]["beam"]["column"].get<double>() == doctest::Approx(0.0776 / 75e-6).epsilon(1e-12));
    // python3: pyFAI.load("id13.poni").corner_array(unit="q_A^-1")[..., 0].max() = 7.092582 (single precision)
    CHECK(said["reach_invA"][1].get<double>() == doctest::Approx(7.092582).epsilon(1e-6));
    CHECK(said["ring_cover"].size() == 6);
    double before = 1;
    for (auto const& at : said["ring_cover"]) {
        auto const cover = at["fraction"].get<double>();
        if (at["q_invA"].get<double>() > 4) CHECK(cover < before); // beyond the gaps' reach rings only shrink
        before = cover;
    }
    CHECK(said["computed"]["S(q)"]["computed"] == true);
    CHECK(said["computed"]["G(r)"]["computed"] == false);
    CHECK(said["warnings"].empty());
}

TEST_CASE("check says for P10 that there is no S(q), and why") {
    auto const text = printed(shipped("p10.yaml"), false);
    CHECK(text.find("S(q)          not computed, structure_factor is none") != std::string::npos);
    CHECK(text.find("FSDP          computed, on I(q)") != std::string::npos);
    CHECK(text.find("instance: p10\n") != std::string::npos);
    CHECK(text.find("reach         q 2.304 to 2.953 1/A") != std::string::npos);
    CHECK(text.ends_with("ok\n"));
}

TEST_CASE("check says the bins in words, and the cake with its memory") {
    test::TemporaryDirectory const directory;
    auto const said = [&](std::string const& integration) {
        auto const file = (directory.path() / "a.yaml").string();
        std::ofstream(file) << "source: {kind: dectris_stream1, connect: \"tcp://127.0.0.1:1\"}\ngeometry: {poni: "
                            << shipped("simulated.poni") << "}\ndetector: {name: Simulated256}\nintegration: {" << integration
                            << "}\nstructure_factor: none\nfsdp: none\nbackground: {use: none}\n";
        return printed(file, false);
    };
    auto const plain = said("npt: 300, unit: 2th_deg");
    CHECK(plain.find("axis          300 bins in 2th_deg, in even steps\n") != std::string::npos);
    CHECK(plain.find("cake          not computed, integration.cake is none\n") != std::string::npos);
    CHECK(plain.find("cake memory") == std::string::npos);
    auto const log = said("npt: 200, spacing: log, radial_range: [1, 8], cake: {npt_azim: 90, azimuth_range: [0, 270]}");
    CHECK(log.find("axis          200 bins in q_A^-1, in even ratios\n") != std::string::npos);
    CHECK(log.find("cake          computed, 90 x 200 cells, chi 0.0 to 270.0 deg\n") != std::string::npos);
    // 8 bytes for each of 18001 cells and some 46000 pixels in them; 18000 cells x 4 x 8 bytes; that, and 18000 x 5 x 8 + 65536 x 8 bytes
    CHECK(log.find("cake memory   0.5 MB kept, 0.6 MB a result, 2 MB while one is made\n") != std::string::npos);
    auto const edges = said("edges: [1, 2, 4, 8], cake: {npt_azim: 4, azimuth_range: auto}");
    CHECK(edges.find("axis          3 bins in q_A^-1, by their edges\n") != std::string::npos);
    CHECK(edges.find("4 x 3 cells, chi as the pixels see it") != std::string::npos);
}

TEST_CASE("check says what gaps, files and both mask, and what of a .json it does not use") {
    test::TemporaryDirectory const directory;
    auto const path = [&](char const* name) { return (directory.path() / name).string(); };
    std::ofstream(path("a.json")) << R"({"dist": 0.2, "poni1": 0.04, "poni2": 0.04, "wavelength": 1e-10, "mask_file": "old.edf",
        "detector": "Eiger500k", "detector_config": {"orientation": 2}})";
    // FIT2D: 514 x 1030 pixels, 33 words a row; the first 32 pixels of the first row
    std::string mask(1024 + 514 * 33 * 4, '\0');
    for (std::size_t i = 0; i < 4; ++i) mask[4 * i] = "MASK"[i];
    mask[16] = '\x06';
    mask[17] = '\x04';
    mask[20] = '\x02';
    mask[21] = '\x02';
    for (std::size_t i = 1024; i < 1028; ++i) mask[i] = '\xff';
    std::ofstream(path("a.msk"), std::ios::binary) << mask;
    std::ofstream(path("a.yaml")) << "source: {kind: dectris_stream1, connect: \"tcp://127.0.0.1:1\"}\ngeometry: {poni: a.json}\n"
                                     "mask: {files: [a.msk, a.msk]}\nstructure_factor: none\nfsdp: none\n";
    auto const text = printed(path("a.yaml"), false);
    CAPTURE(text);
    CHECK(text.find("masked        0.01 % of the pixels (32), without the detector's own mask\n") != std::string::npos);
    CHECK(text.find("  by gaps     0.00 % (0)\n") != std::string::npos);
    CHECK(text.find("  by files    0.01 % (32)\n    0.01 % (32) " + path("a.msk") + "\n") != std::string::npos);
    CHECK(text.find("orientation   2: seen from the sample the first pixel is at the top left, rows go down, columns to the right\n") !=
          std::string::npos);
    CHECK(text.find("warning       " + path("a.json") + " also says mask_file: not used; ") != std::string::npos);
}

TEST_CASE("check throws what the loader throws") {
    CHECK_THROWS_AS(check_command("no_such.yaml", false), ConfigError);
}

TEST_CASE("check says that a composition does not make a whole") {
    test::TemporaryDirectory const directory;
    auto const said = [&](std::string const& composition) {
        auto const file = (directory.path() / "a.yaml").string();
        std::ofstream(file) << "source: {kind: dectris_stream1, connect: \"tcp://127.0.0.1:1\"}\ngeometry: {poni: "
                            << shipped("simulated.poni") << "}\ndetector: {name: Simulated256}\nsample: {composition: " << composition
                            << "}\nstructure_factor: none\nfsdp: none\nbackground: {use: none}\n";
        return printed(file, false);
    };
    CHECK(said("Zr46.8Ti18.2Cu7.5Ni10Be27.5").find("warning       the amounts of Zr46.8Ti18.2Cu7.5Ni10Be27.5 sum to 110, not to 100") !=
          std::string::npos);
    CHECK(said("Zr46.8Ti8.2Cu7.5Ni10Be27.5").find("sum to") == std::string::npos);
}
