// LaB6 in a capillary: the ad hoc route against PDFgetX3 2.2.1 on the same two files.
#include "pipeline/reduce/reduction.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <numbers>
#include <sstream>

using namespace sqd;

namespace {

Pattern1D pattern_of(std::filesystem::path const& file) {
    constexpr double wavelength_A = 0.270793;
    auto const columns = test::read_columns(file); // 2 theta [deg], I, sigma
    Pattern1D p;
    for (double const two_theta : columns[0])
        p.q_invA.push_back(4 * std::numbers::pi / wavelength_A * std::sin(two_theta * std::numbers::pi / 360));
    p.radial = p.q_invA;
    p.intensity = columns[1];
    p.sigma = columns[2];
    p.pixels.assign(p.q_invA.size(), 1);
    return p;
}

// What follows the last line that begins with #L.
std::vector<std::vector<double>> table_of(std::filesystem::path const& file) {
    std::vector<std::vector<double>> columns(2);
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("#L")) columns = {{}, {}};
        std::istringstream numbers(line);
        double x = 0, y = 0;
        if (!(numbers >> x >> y)) continue;
        columns[0].push_back(x);
        columns[1].push_back(y);
    }
    return columns;
}

double weighted_residual(std::vector<double> const& ours, std::vector<double> const& theirs) {
    double difference = 0, square = 0;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        difference += std::pow(ours[i] - theirs[i], 2);
        square += theirs[i] * theirs[i];
    }
    return std::sqrt(difference / square);
}

} // namespace

TEST_CASE("scale, F and G of the ad hoc route are those of PDFgetX3") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/LaB6_pdfgetx3");
    auto const sample = pattern_of(folder / "LaB6_0p4mm_011_av10_monitor.xye");
    auto const capillary = pattern_of(folder / "0p4mm_capillary_018_av17_monitor.xye");
    ReductionConfig config;
    config.sample.composition = parse_composition("LaB6");
    config.sample.transmission = 1;
    config.ad_hoc = AdHocConfig{1.3, 0.8, 23, 23, 100, 0.01};
    auto const curves = reduce_pattern(sample, &capillary, true, config);
    REQUIRE(curves.ad_hoc);
    CHECK(curves.ad_hoc->scale == doctest::Approx(0.55311014).epsilon(1e-4));

    auto const f = table_of(folder / "LaB6_0p4mm_011_av10_monitor.fq"), g = table_of(folder / "LaB6_0p4mm_011_av10_monitor.gr");
    REQUIRE(f[0].size() == curves.ad_hoc->sq.q_invA.size());
    for (std::size_t i = 0; i < f[0].size(); i += 500) CHECK(curves.ad_hoc->sq.q_invA[i] == doctest::Approx(f[0][i]).epsilon(1e-5));
    REQUIRE(g[0].size() == curves.ad_hoc->gr.r_A.size());
    double const rw_f = weighted_residual(curves.ad_hoc->sq.f, f[1]), rw_g = weighted_residual(curves.ad_hoc->gr.g, g[1]);
    MESSAGE("scale ", curves.ad_hoc->scale, ", Rw of F ", rw_f, ", of G ", rw_g);
    CHECK(rw_f <= 1e-3); // what their print and their interpolation of the background leave
    CHECK(rw_g <= 1e-3);
}
