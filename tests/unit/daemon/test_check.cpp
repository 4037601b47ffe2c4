#include "daemon/verbs/check.hpp"

#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
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
    CHECK(said["orientation"] == 3);
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

TEST_CASE("check throws what the loader throws") {
    CHECK_THROWS_AS(check_command("no_such.yaml", false), ConfigError);
}
