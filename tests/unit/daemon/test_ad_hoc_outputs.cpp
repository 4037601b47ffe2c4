// What the ad hoc route leaves the program as: a message and text files.
#include "daemon/export/text_files.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/publish/result_message.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

using namespace sqd;
using sqd::test::TemporaryDirectory;

namespace {

void check_column(std::vector<double> const& read, std::vector<double> const& written) {
    REQUIRE(read.size() == written.size());
    for (std::size_t i = 0; i < read.size(); ++i) CHECK(read[i] == doctest::Approx(written[i]).epsilon(1e-9));
}

} // namespace

TEST_CASE("the ad hoc route is a message of its own, whose scale nobody takes for alpha") {
    ReducedResult const result = test::full_result();
    AdHocCurves const& a = *result.curves.ad_hoc;
    Sequence sequence;
    auto const messages = result_messages(result, {"id13", "epoch"}, sequence, 0);
    auto const found =
        std::find_if(messages.begin(), messages.end(), [](WireMessage const& message) { return message.topic == "id13/adhoc/"; });
    REQUIRE(found != messages.end());
    CHECK(found->header.at("schema") == "sqd.adhoc/1.0");
    Json const& values = found->header.at("values");
    CHECK(values == Json{{"scale", a.scale},
                         {"rpoly", a.rpoly_A},
                         {"degree", a.degree},
                         {"q_min", a.q_min_invA},
                         {"q_max_inst", a.q_max_inst_invA},
                         {"q_max", a.gr.q_max_invA},
                         {"window", a.gr.window}});
    std::vector<std::pair<std::string, std::vector<double> const*>> const arrays{
        {"q", &a.sq.q_invA}, {"S", &a.sq.s}, {"S_sigma", &a.sq.s_sigma}, {"F", &a.sq.f},
        {"r", &a.gr.r_A},    {"G", &a.gr.g}, {"G_sigma", &a.gr.g_sigma}};
    REQUIRE(found->arrays.size() == arrays.size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        auto const& [name, expected] = arrays[i];
        CHECK(found->header.at("arrays")[i].at("name") == name);
        REQUIRE(found->arrays[i].size() == expected->size() * sizeof(double));
        CHECK(std::memcmp(found->arrays[i].data(), expected->data(), found->arrays[i].size()) == 0);
    }
}

TEST_CASE("its files read back, and their heads say PDFgetX3's parameters and no absolute scale") {
    TemporaryDirectory const directory;
    AdHocCurves const a = test::some_ad_hoc();
    TextHeader const header{"lab6.xye", "capillary.xye", "LaB6", 1.0, {}};
    auto const files = write_ad_hoc(directory.path(), "lab6_adhoc", a, header, Overwrite::no);
    REQUIRE(files.size() == 3);
    std::vector<double> f_sigma;
    for (std::size_t i = 0; i < a.sq.s_sigma.size(); ++i) f_sigma.push_back(a.sq.q_invA[i] * a.sq.s_sigma[i]);
    std::vector<std::pair<char const*, std::array<std::vector<double> const*, 3>>> const expected{
        {".sq", {&a.sq.q_invA, &a.sq.s, &a.sq.s_sigma}},
        {".fq", {&a.sq.q_invA, &a.sq.f, &f_sigma}},
        {".gr", {&a.gr.r_A, &a.gr.g, &a.gr.g_sigma}}};
    for (std::size_t k = 0; k < files.size(); ++k) {
        CHECK(files[k] == directory.path() / (std::string("lab6_adhoc") + expected[k].first));
        auto const back = test::read_columns(files[k]);
        check_column(back.at(0), *expected[k].second[0]);
        check_column(back.at(1), *expected[k].second[1]);
        check_column(back.back(), *expected[k].second[2]);
        std::string const text = read_whole_file(files[k]);
        for (char const* line : {"mode = xray", "composition = LaB6", "bgscale = 1", "rpoly = 1.3", "qmaxinst = 23", "qmin = 0.81",
                                 "qmax = 22", "window = cosine", "scale = 0.553"}) {
            CAPTURE(line);
            CHECK(text.find(std::string("\n") + line + "\n") != std::string::npos);
        }
        CHECK(text.find("arbitrary") != std::string::npos);
        CHECK(text.find("Faber-Ziman") == std::string::npos);
        CHECK(text.find("number density") == std::string::npos);
    }
    std::string const gr = read_whole_file(files[2]);
    CHECK(gr.find("\nrstep = ") != std::string::npos);
    CHECK_THROWS_AS(write_ad_hoc(directory.path(), "lab6_adhoc", a, header, Overwrite::no), IoError);
}
