// Patterns and images from other people's programs: data told from header, units from words, faults named with file and line.
#include "daemon/import/npy_image.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/import/resample.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/geometry.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>

using namespace sqd;

namespace {

PatternFile parse(std::string const& text, char const* file = "a.xy", PatternFileOptions const& options = {}) {
    return parse_pattern(text, file, options);
}

std::string complaint(std::string const& text, char const* file = "a.xy", PatternFileOptions const& options = {}) {
    try {
        parse(text, file, options);
    } catch (DataError const& error) {
        return error.what();
    }
    return "";
}

bool mentions(std::string const& text, std::string const& words) {
    CAPTURE(text);
    return text.find(words) != std::string::npos;
}

/// A .npy file of version 1 by the format's definition.
template <class T>
std::string npy(char const* type, std::vector<T> const& pixels, std::string const& shape, char const* fortran = "False") {
    std::string header = std::string("{'descr': '") + type + "', 'fortran_order': " + fortran + ", 'shape': (" + shape + "), }";
    header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
    header += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 0xff);
    out += static_cast<char>(header.size() >> 8);
    out += header;
    out.append(reinterpret_cast<char const*>(pixels.data()), pixels.size() * sizeof(T));
    return out;
}

std::string npy_complaint(std::string const& bytes) {
    try {
        parse_npy_image(bytes, "a.npy", 2, 3);
    } catch (DataError const& error) {
        return error.what();
    }
    return "";
}

Pattern1D pattern(std::vector<double> const& q, std::vector<double> const& i, std::vector<double> const& sigma) {
    return {RadialUnit::q_invA, q, q, i, sigma, std::vector<double>(q.size(), 1.0), {}, {}, {}};
}

} // namespace

TEST_CASE("two or three columns, blanks, commas or semicolons, plus signs and exponents are read") {
    PatternFile const three = parse("1.0 10 1\n+2.0,2E1,2\n3.0;\t30 ; 3\r\n");
    CHECK(three.pattern.radial == std::vector<double>{1, 2, 3});
    CHECK(three.pattern.intensity == std::vector<double>{10, 20, 30});
    CHECK(three.pattern.sigma == std::vector<double>{1, 2, 3});
    CHECK_FALSE(three.sigma_assumed);
    CHECK(parse("1 10\n2 20").pattern.radial == std::vector<double>{1, 2});
}

TEST_CASE("without a sigma column sigma is the square root of the counts, and the file says that it was assumed") {
    PatternFile const two = parse("1 100\n2 0\n3 4\n");
    CHECK(two.sigma_assumed);
    CHECK(two.pattern.sigma == std::vector<double>{10, 2, 2});
}

TEST_CASE("header lines are not data, not even those that begin with digits") {
    PatternFile const file = parse("# comment 1 2\n! another\n20000 1280 3 4\nqmax = 23\n12\n2 blocks\n1 10\n2 20\n\n3 30\n");
    CHECK(file.pattern.radial == std::vector<double>{1, 2, 3});
}

TEST_CASE("a .chi file has four header lines, whatever they hold") {
    PatternFile const file = parse("1 1\nQ (Inverse Nanometres)\nIntensity\n  3 1\n10 5\n20 6\n30 7\n", "a.chi");
    CHECK(file.pattern.radial == std::vector<double>{10, 20, 30});
    CHECK(file.pattern.unit == RadialUnit::q_invnm);
    CHECK(file.pattern.q_invA == std::vector<double>{1, 2, 3});
}

TEST_CASE("the unit is the caller's, else the file's, else q in 1/A") {
    double const wavelength = 0.5;
    CHECK(parse("1 10\n2 20\n").pattern.unit == RadialUnit::q_invA);
    CHECK(parse("# q_nm^-1 I\n1 10\n2 20\n").pattern.unit == RadialUnit::q_invnm);
    CHECK(parse("# q_nm^-1 I\n1 10\n2 20\n", "a.dat", {RadialUnit::q_invA, 0}).pattern.unit == RadialUnit::q_invA);
    Pattern1D const angles = parse("#\t2th_deg\t I\n10 10\n20 20\n", "a.xy", {std::nullopt, wavelength}).pattern;
    CHECK(angles.unit == RadialUnit::two_theta_deg);
    double const q = 4 * std::numbers::pi * std::sin(5 * std::numbers::pi / 180) / wavelength; // q = 4 pi sin(theta) / lambda
    CHECK(std::abs(angles.q_invA[0] - q) < 1e-13 * q);
    CHECK(parse("t\n2-Theta Angle (Degrees)\nI\n2\n10 5\n20 6\n", "a.chi", {std::nullopt, wavelength}).pattern.unit ==
          RadialUnit::two_theta_deg);
}

TEST_CASE("labels of columns are understood as programs and people write them") {
    auto const unit = [](std::string const& header) { return parse(header + "\n10 10\n20 20\n", "a.xy", {std::nullopt, 0.2}); };
    for (char const* label : {"# 2theta_deg I", "# 2theta (deg)  intensity", "#2Theta[deg] I", "# two_theta I", "# TTH counts", "2theta,I",
                              "# 2 theta [deg]", "! Two-Theta (degrees)", "# comment\n# 2th_deg I sigma\n# 2 blocks"}) {
        CAPTURE(label);
        CHECK(unit(label).pattern.unit == RadialUnit::two_theta_deg);
        CHECK_FALSE(unit(label).unit_assumed);
    }
    for (char const* label : {"# 2th_rad I", "# 2theta (rad)", "# tth[rad] I"})
        CHECK(unit(label).pattern.unit == RadialUnit::two_theta_rad);
    for (char const* label : {"# q_nm^-1 I", "# q (nm^-1) I", "# Q[1/nm]", "# q_nm-1", "#  q_nm^{-1}"}) {
        CAPTURE(label);
        CHECK(unit(label).pattern.unit == RadialUnit::q_invnm);
    }
    for (char const* label : {"# q_A^-1 I", "# Q (1/A)", "#L Q($\\AA^{-1}$)  S", "# q [\u00c5^-1] I"}) {
        CAPTURE(label);
        CHECK(unit(label).pattern.unit == RadialUnit::q_invA);
        CHECK_FALSE(unit(label).unit_assumed);
    }
    for (char const* label : {"# q I", "# tth = 12", "# quality (nm)", "# 2thetas", "# I (nm^-1)", ""}) {
        CAPTURE(label);
        CHECK(unit(label).pattern.unit == RadialUnit::q_invA);
        CHECK(unit(label).unit_assumed);
    }
}

TEST_CASE("2 theta without a wavelength is refused") {
    CHECK(mentions(complaint("# 2th_deg I\n10 10\n20 20\n"), "wavelength"));
}

TEST_CASE("rows with a NaN or an infinity are left out and counted") {
    PatternFile const file = parse("1 10\n2 nan\n3 inf\n4 40\n");
    CHECK(file.skipped_rows == 2);
    CHECK(file.pattern.radial == std::vector<double>{1, 4});
}

TEST_CASE("faults among the data are named with file and line, never skipped") {
    CHECK(mentions(complaint("1 10\n2 20\n3 thirty\n4 40\n"), "a.xy:3: "));
    CHECK(mentions(complaint("# h\n1 10\n3 20\n2 30\n"), "a.xy:4: "));
    CHECK(mentions(complaint("1 10\n2 20\n2 30\n"), "increase"));
    CHECK(mentions(complaint("1 10 1\n2 20 -2\n"), "a.xy:2: sigma is negative"));
    CHECK(mentions(complaint("1,5 10,5\n2,5 20,5\n"), "decimal comma"));
    CHECK(mentions(complaint("1 2 3 4\n5 6 7 8\n"), "4 columns"));
    CHECK(mentions(complaint("nothing here\n"), "no data"));
    CHECK(mentions(complaint(""), "no data"));
}

TEST_CASE("a file that is not there is an input error with its name") {
    try {
        read_pattern_file("/nowhere/a.xy", {});
        FAIL("read");
    } catch (IoError const& error) {
        CHECK_FALSE(error.output());
        CHECK(mentions(error.what(), "/nowhere/a.xy"));
    }
}

TEST_CASE("real files of four programs are read to their last row") {
    SQD_SHARED_DATA_OR_SKIP(scattering, "total_scattering");
    // rows: awk '!/^#/ && NF' FILE | wc -l
    PatternFile const cerium = read_pattern_file(scattering / "Ce_metallic_glass/Cerium.dat", {});
    CHECK(cerium.pattern.radial.size() == 2500);
    CHECK(cerium.pattern.radial.back() == 8);
    CHECK(read_pattern_file(scattering / "Ce_metallic_glass/background.xy", {}).pattern.radial.size() == 2500);
    PatternFile const lab6 =
        read_pattern_file(scattering / "LaB6_pdfgetx3/LaB6_0p4mm_011_av10_monitor.xye", {RadialUnit::two_theta_deg, 0.270793});
    CHECK(lab6.pattern.radial.size() == 8455);
    CHECK_FALSE(lab6.sigma_assumed);
    CHECK(lab6.pattern.sigma.back() == 0.1874082);
    PatternFile const forsterite = read_pattern_file(scattering / "Mg2SiO4_glass/Mg2SiO4_ambient.xy", {});
    CHECK(forsterite.pattern.unit == RadialUnit::q_invA);
    CHECK(forsterite.pattern.radial.back() == 28.43890482);
    PatternFile const gr = read_pattern_file(scattering / "LaB6_pdfgetx3/LaB6_0p4mm_011_av10_monitor.gr", {});
    CHECK(gr.pattern.radial.front() == 0.01);
    CHECK(gr.pattern.radial.size() == 10000);
    SQD_SHARED_DATA_OR_SKIP(ceria, "integration/dioptas_ceo2_pilatus1m/CeO2_Pilatus1M.xy");
    CHECK(read_pattern_file(ceria, {std::nullopt, 0.4066}).pattern.unit == RadialUnit::two_theta_deg);
}

TEST_CASE("images of every plain type read to the same numbers") {
    std::vector<double> const truth{0, 1, 2, 3, 4, 100};
    auto const check = [&](std::string const& bytes) { CHECK(parse_npy_image(bytes, "a.npy", 2, 3).pixels == truth); };
    check(npy<double>("<f8", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<float>("<f4", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::uint32_t>("<u4", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::int32_t>("<i4", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::uint16_t>("<u2", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::int16_t>("<i2", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::uint8_t>("|u1", {0, 1, 2, 3, 4, 100}, "2, 3"));
    check(npy<std::int64_t>("<i8", {0, 1, 2, 3, 4, 100}, "2, 3"));
    CHECK(parse_npy_image(npy<std::int16_t>("<i2", {-2, 1, 2, 3, 4, 5}, "2, 3"), "a.npy", 2, 3)(0, 0) == -2);
}

TEST_CASE("an image that is not the detector's, or not whole, is refused with both shapes") {
    std::vector<float> const six(6);
    CHECK(mentions(npy_complaint(npy<float>("<f4", six, "3, 2")), "shape 3 x 2 (the detector has 2 x 3)"));
    CHECK(mentions(npy_complaint(npy<float>("<f4", six, "6,")), "shape 6 "));
    CHECK(mentions(npy_complaint(npy<float>("<f4", six, "1, 2, 3")), "shape 1 x 2 x 3"));
    CHECK(mentions(npy_complaint(npy<float>("<f4", six, "2, 3", "True")), "Fortran"));
    CHECK(mentions(npy_complaint(npy<float>(">f4", six, "2, 3")), ">f4"));
    std::string const whole = npy<float>("<f4", six, "2, 3");
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(npy_complaint(whole.substr(0, length)).empty());
    CHECK(npy_complaint(whole).empty());
}

TEST_CASE("a straight line is interpolated exactly and its variance shrinks between the points") {
    Pattern1D const coarse = pattern({0, 1, 2, 3}, {5, 7, 9, 11}, {2, 2, 2, 2});
    Pattern1D const fine = pattern({0.5, 1.25, 2.0}, {0, 0, 0}, {1, 1, 1});
    PatternPair const pair = onto_one_grid(fine, coarse);
    CHECK(pair.interpolated);
    CHECK(pair.cut_bins == 0);
    CHECK(pair.background.intensity == std::vector<double>{6, 7.5, 9});
    CHECK(pair.background.sigma[0] == doctest::Approx(std::sqrt(2.0))); // sqrt(0.5^2 4 + 0.5^2 4)
    CHECK(pair.background.sigma[2] == 2);
}

TEST_CASE("grids that differ only by their digits are one grid: nothing is mixed") {
    Pattern1D const sample = pattern({1.0000001, 1.9999999, 3.0}, {1, 2, 3}, {1, 1, 1});
    Pattern1D const background = pattern({1, 2, 3.0000001}, {4, 5, 6}, {1, 2, 3});
    PatternPair const pair = onto_one_grid(sample, background);
    CHECK_FALSE(pair.interpolated);
    CHECK(pair.cut_bins == 0);
    CHECK(pair.background.intensity == std::vector<double>{4, 5, 6});
    CHECK(pair.background.sigma == std::vector<double>{1, 2, 3});
}

TEST_CASE("bins of the sample beyond the background are left out, not extrapolated") {
    Pattern1D const sample = pattern({0, 1, 2, 3, 4}, {1, 2, 3, 4, 5}, {1, 1, 1, 1, 1});
    Pattern1D const background = pattern({0.5, 3.5}, {10, 10}, {1, 1});
    PatternPair const pair = onto_one_grid(sample, background);
    CHECK(pair.cut_bins == 2);
    CHECK(pair.sample.q_invA == std::vector<double>{1, 2, 3});
    CHECK(pair.sample.intensity == std::vector<double>{2, 3, 4});
    CHECK(pair.background.intensity.size() == 3);
}

TEST_CASE("an empty bin of the background empties what lies beside it and nothing else") {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    Pattern1D const background = pattern({0, 1, 2, 3}, {1, nan, 1, 1}, {1, nan, 1, 1});
    PatternPair const pair = onto_one_grid(pattern({0, 0.5, 2, 2.5}, {1, 1, 1, 1}, {1, 1, 1, 1}), background);
    CHECK(pair.background.intensity[0] == 1);
    CHECK(std::isnan(pair.background.intensity[1]));
    CHECK(pair.background.intensity[2] == 1);
    CHECK(pair.background.intensity[3] == 1);
}

TEST_CASE("patterns that do not overlap are refused") {
    CHECK_THROWS_AS(onto_one_grid(pattern({0, 1}, {1, 1}, {1, 1}), pattern({5, 6}, {1, 1}, {1, 1})), DataError);
}
