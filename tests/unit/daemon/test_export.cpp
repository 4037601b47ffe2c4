// Text files say what the curves hold, in the shape that other programs expect, and never replace a file unasked.
#include "daemon/export/text_files.hpp"

#include "config/fit2d.hpp"
#include "config/poni.hpp"
#include "daemon/import/pattern_file.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

using namespace sqd;
using sqd::test::TemporaryDirectory;

namespace {

/// Ten significant digits are written.
constexpr double written_digits = 1e-9;

void check_column(std::vector<double> const& read, std::vector<double> const& truth) {
    REQUIRE(read.size() == truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) CHECK(std::abs(read[i] - truth[i]) <= written_digits * std::abs(truth[i]));
}

Pattern1D read_back(std::filesystem::path const& path) {
    return read_pattern_file(path, {}).pattern;
}

bool has_line(std::string const& text, std::string const& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

Pattern1D finite_pattern() {
    Pattern1D p = test::some_pattern(23, 10);
    p.intensity.back() = p.sigma.back() = 7;
    return p;
}

} // namespace

TEST_CASE("a pattern written as .dat reads back with its unit, intensity and sigma") {
    TemporaryDirectory const directory;
    Pattern1D const p = finite_pattern();
    write_dat(directory.path() / "a.dat", p, {}, Overwrite::no);
    Pattern1D const back = read_back(directory.path() / "a.dat");
    CHECK(back.unit == RadialUnit::q_invnm);
    check_column(back.radial, p.radial);
    check_column(back.intensity, p.intensity);
    check_column(back.sigma, p.sigma);
    check_column(back.counts, p.counts);
    check_column(back.norm, p.norm);
    check_column(back.pixels, p.pixels);
}

TEST_CASE("an empty bin is written as nan and not as nothing or 0") {
    TemporaryDirectory const directory;
    Pattern1D const p = test::some_pattern(23, 10);
    write_dat(directory.path() / "a.dat", p, {}, Overwrite::no);
    std::string const text = read_whole_file(directory.path() / "a.dat");
    CHECK(text.find("nan") != std::string::npos);
    PatternFile const back = read_pattern_file(directory.path() / "a.dat", {});
    CHECK(back.skipped_rows == 1);
    CHECK(back.pattern.radial.size() == 22);
}

TEST_CASE("S(q), F(q) and G(r) read back with their sigmas") {
    TemporaryDirectory const directory;
    StructureFactor const sq = test::some_structure_factor();
    PairDistribution const gr = *test::full_result().curves.gr;
    write_sq(directory.path() / "a.sq", sq, {}, Overwrite::no);
    write_fq(directory.path() / "a.fq", sq, {}, Overwrite::no);
    write_gr(directory.path() / "a.gr", gr, {}, Overwrite::no);
    Pattern1D const s = read_back(directory.path() / "a.sq"), f = read_back(directory.path() / "a.fq");
    check_column(s.radial, sq.q_invA);
    check_column(s.intensity, sq.s);
    check_column(s.sigma, sq.s_sigma);
    check_column(f.intensity, sq.f);
    std::vector<double> sigma_f;
    for (std::size_t i = 0; i < sq.s.size(); ++i) sigma_f.push_back(sq.q_invA[i] * sq.s_sigma[i]);
    check_column(f.sigma, sigma_f);
    auto const g = test::read_columns(directory.path() / "a.gr");
    REQUIRE(g.size() == 4); // r, G, dr, dG: diffpy takes a third column for an error of r, and none where it is 0
    check_column(g[0], gr.r_A);
    check_column(g[1], gr.g);
    CHECK(g[2] == std::vector<double>(gr.r_A.size(), 0.0));
    check_column(g[3], gr.g_sigma);
}

TEST_CASE("a curve without sigma has two columns") {
    TemporaryDirectory const directory;
    StructureFactor sq = test::some_structure_factor();
    sq.s_sigma.clear();
    write_sq(directory.path() / "a.sq", sq, {}, Overwrite::no);
    CHECK(read_pattern_file(directory.path() / "a.sq", {}).sigma_assumed);
}

TEST_CASE("the head has the lines that readers of PDFgetX3 files look for") {
    TemporaryDirectory const directory;
    TextHeader const header{"vit4.xye", "air.xye", "Zr46.8Ti8.2", 0.418, {"flag one", "two\nlines"}};
    write_gr(directory.path() / "a.gr", *test::full_result().curves.gr, header, Overwrite::no);
    std::string const text = read_whole_file(directory.path() / "a.gr");
    CHECK(text.starts_with("[DEFAULT]\n\nversion = sqd "));
    for (char const* line : {"inputfile = vit4.xye", "backgroundfile = air.xye", "composition = Zr46.8Ti8.2", "bgscale = 0.418",
                             "mode = xray", "outputtype = gr", "qmax = 28", "#### start data", "#S 1",
                             "#L r($\\AA$)  G($\\AA^{-2}$)  dr($\\AA$)  dG($\\AA^{-2}$)", "# flag one", "# two lines"}) {
        CAPTURE(line);
        CHECK(has_line(text, line));
    }
    CHECK(text.find("#### start data") < text.find("#L "));
    CHECK(text.find("qmaxinst") == std::string::npos);
}

TEST_CASE("no comment above the data reads as a number that programs look for") {
    ReducedResult const result = test::full_result();
    std::string const gr = gr_text(*result.curves.gr, text_header(result)), head = gr.substr(0, gr.find("#### start data"));
    CHECK(head.find("Fit2D center: x: ") != std::string::npos);
    std::regex const doping(R"(\b(?:x|doping) *= *[-+]?[0-9.])"), temperature(R"(\b(?:temp|temperature|T) *= *[-+]?[0-9.])"),
        q_max(R"(\bqmax *= *([-+]?[0-9.]+))"); // diffpy's
    CHECK_FALSE(std::regex_search(head, doping));
    CHECK_FALSE(std::regex_search(head, temperature));
    std::smatch found;
    REQUIRE(std::regex_search(head, found, q_max));
    CHECK(std::stod(found[1]) == result.curves.gr->q_max_invA);
}

TEST_CASE("the head of a .dat ends with pyFAI's line of labels") {
    TemporaryDirectory const directory;
    write_dat(directory.path() / "a.dat", finite_pattern(), {}, Overwrite::no);
    std::string const text = read_whole_file(directory.path() / "a.dat");
    auto const label = text.rfind('#');
    CHECK(text.find("q_nm^-1", label) != std::string::npos);
    CHECK(text.find("sigma", label) != std::string::npos);
    CHECK(text.find("# --> ") < label);
}

TEST_CASE("the decimal point is a point whatever the locale") {
    TemporaryDirectory const directory;
    bool const german = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
    if (!german) MESSAGE("no German locale here: written in the default one");
    write_dat(directory.path() / "a.dat", finite_pattern(), {}, Overwrite::no);
    std::setlocale(LC_ALL, "C");
    CHECK(read_whole_file(directory.path() / "a.dat").find(',') == std::string::npos);
}

TEST_CASE("a file that exists is not replaced unless asked for") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "a.dat";
    std::ofstream(path) << "precious";
    try {
        write_dat(path, finite_pattern(), {}, Overwrite::no);
        FAIL("replaced");
    } catch (IoError const& error) {
        CHECK(error.output());
        CHECK(std::string(error.what()).find(path.string()) != std::string::npos);
    }
    CHECK(read_whole_file(path) == "precious");
    write_dat(path, finite_pattern(), {}, Overwrite::yes);
    CHECK(read_back(path).radial.size() == 23);
}

TEST_CASE("the head of a .dat says the calibration as pyFAI does, and its lines are a .poni file") {
    TemporaryDirectory const directory;
    ReducedResult const result = test::full_result();
    write_dat(directory.path() / "a.dat", finite_pattern(), text_header(result), Overwrite::no);
    std::string const text = read_whole_file(directory.path() / "a.dat");
    std::istringstream lines(text);
    std::string poni;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# poni_version: ")) inside = true;
        if (inside) poni += line.substr(2) + '\n';
        if (line.starts_with("# Wavelength: ")) inside = false;
    }
    auto const read = parse_poni(poni, "a.dat");
    CHECK(read.distance_m == result.geometry.distance_m);
    CHECK(read.poni1_m == result.geometry.poni1_m);
    CHECK(read.poni2_m == result.geometry.poni2_m);
    CHECK(read.rot1_rad == result.geometry.rot1_rad);
    CHECK(read.rot2_rad == result.geometry.rot2_rad);
    CHECK(read.rot3_rad == result.geometry.rot3_rad);
    CHECK(read.wavelength_m.value() == doctest::Approx(result.geometry.wavelength_A * 1e-10).epsilon(1e-15));
    CHECK(read.orientation == result.geometry.orientation);
    double exposure = 0; // 40 frames of which some are rejected
    for (std::size_t i = 0; i < 40; ++i)
        if (i % 7 != 3) exposure += (0.02 + 1e-9 * static_cast<double>(i)) * (1 + 1e-3 * static_cast<double>(i));
    auto const value = [&](std::string const& key) {
        auto const at = text.find("# " + key + ": ");
        REQUIRE(at != std::string::npos);
        auto const from = at + key.size() + 4;
        return text.substr(from, text.find('\n', from) - from);
    };
    CHECK(std::stod(value("Normalization factor")) == doctest::Approx(exposure).epsilon(1e-12));
    CHECK(value("Polarization factor") == "0.97");
    CHECK(value("Mask applied") == "gaps of the detector, beamstop.edf");
    CHECK(value("Dark current applied") == "False");
    CHECK(value("Solid angle applied") == "True");
    auto const beam = fit2d_of(result.geometry).value(); // orientation 2: rows are counted from the other end
    CHECK(std::stod(value("Fit2D distance")) == doctest::Approx(beam.distance_mm).epsilon(1e-5));
    CHECK(value("Fit2D center").find("y=" + std::to_string(2167 - beam.center_y_px).substr(0, 7)) != std::string::npos);
    CHECK(read_back(directory.path() / "a.dat").unit == RadialUnit::q_invnm);
    write_xy(directory.path() / "a.xy", finite_pattern(), text_header(result), Overwrite::no);
    CHECK(read_back(directory.path() / "a.xy").unit == RadialUnit::q_invnm);
}

TEST_CASE("the header of a result names its scan, its background and its flags") {
    TextHeader const header = text_header(test::full_result());
    CHECK(header.input_file == "vit4_643K");
    CHECK(header.background_file == "uid-of-the-background");
    REQUIRE(header.background_scale);
    CHECK(*header.background_scale == 0.418);
    bool flagged = false;
    for (std::string const& comment : header.comments) flagged = flagged || comment == "flag no_monitor";
    CHECK(flagged);
}
