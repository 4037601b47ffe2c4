// The forward model: laws of its structure, of its scattering and of its images.
#include "daemon/simulate/virtual_glass.hpp"
#include "pipeline/core/geometry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace sqd;
using namespace sqd::simulated;

namespace {

constexpr double vit4_density_A3 = 0.06049;

GlassSample vit4() {
    GlassSample sample;
    sample.composition.elements = {{40, "Zr", 0.468}, {22, "Ti", 0.082}, {29, "Cu", 0.075}, {28, "Ni", 0.1}, {4, "Be", 0.275}};
    sample.density_g_cm3 = 6.0;
    sample.thickness_um = 30;
    sample.air_path_mm = 120;
    return sample;
}

GlassBeam beam_13_keV() {
    return {13.0, 9.0, 0.97, "Si", 450};
}

/// A coarse detector that sees q up to about 6.
Geometry coarse_detector() {
    Geometry g;
    g.distance_m = 0.08;
    g.poni1_m = 0.002;
    g.poni2_m = 0.03;
    g.pixel1_m = g.pixel2_m = 1e-3;
    g.rows = 60;
    g.cols = 61;
    g.wavelength_A = 12.398419843320026 / 13;
    return g;
}

ExpectedImages images_of(Geometry const& g, GlassSample const& sample, GlassBeam const& beam) {
    GlassScattering const glass(sample, beam, largest_q_invA(g, g.wavelength_A));
    return expected_images(glass, beam.polarization_factor, g, Mask(g.rows, g.cols), 1);
}

} // namespace

TEST_CASE("atoms of the glass do not overlap, and far away it is uniform") {
    GlassStructure const glass(vit4_density_A3, 10);
    for (double r = 0; r < 2.15; r += 0.01) CHECK(glass.g(r) < 1e-6);
    for (double r = 0; r < 30; r += 0.01) CHECK(glass.g(r) >= 0);
    for (double r = 60; r < 100; r += 0.1) CHECK(std::abs(glass.g(r) - 1) < 1e-5);
}

TEST_CASE("S(q) is positive, small at low q, tends to 1, and has its first sharp peak where Vit4 has it") {
    GlassStructure const glass(vit4_density_A3, 31);
    double peak_q = 0, peak = 0;
    for (double q = 0; q < 31; q += 0.001) {
        auto const s = glass.s(q);
        CHECK(s > 0.02);
        if (q < 1) CHECK(s < 0.06);
        if (q > 25) CHECK(std::abs(s - 1) < 0.005);
        if (s > peak) {
            peak = s;
            peak_q = q;
        }
    }
    CHECK(peak_q == doctest::Approx(2.624).epsilon(0.001));
    CHECK(peak > 2.8);
    CHECK(peak < 3.3);
}

TEST_CASE("the table of S(q) is the quadrature between its points, too") {
    GlassStructure const glass(vit4_density_A3, 12);
    for (double q = 0.0017; q < 12; q += 0.0531) CHECK(glass.s(q) == doctest::Approx(glass.s_exact(q)).epsilon(1e-6));
}

TEST_CASE("S(q) at zero q is the compressibility sum of g(r)") {
    // S(0) = 1 + 4 pi rho0 int r^2 [g - 1] dr, here as the limit of small q
    GlassStructure const glass(vit4_density_A3, 5);
    CHECK(glass.s_exact(0) == doctest::Approx(glass.s_exact(1e-4)).epsilon(1e-5));
}

TEST_CASE("a denser glass is the same glass with shorter distances") {
    GlassStructure const glass(vit4_density_A3, 12), denser(8 * vit4_density_A3, 12);
    for (auto const q : {0.5, 1.7, 2.6, 4.9}) CHECK(denser.s_exact(2 * q) == doctest::Approx(glass.s_exact(q)).epsilon(1e-9));
    CHECK(denser.g(1.4) == doctest::Approx(glass.g(2.8)));
}

TEST_CASE("what a plate lets out is the whole beam when nothing absorbs, and the transmitted one straight ahead") {
    CHECK(plate_escape(0, 0) == doctest::Approx(1));
    CHECK(plate_escape(0.87, 0.87) == doctest::Approx(std::exp(-0.87)));
    CHECK(plate_escape(0.87, 0.87 + 1e-7) == doctest::Approx(std::exp(-0.87)).epsilon(1e-6));
    CHECK(plate_escape(0.5, 1.0) == doctest::Approx((std::exp(-0.5) - std::exp(-1.0)) / 0.5));
}

TEST_CASE("Vit4 of 30 um lets 0.418 of 13 keV through; a measured transmission replaces the computed one for the air only") {
    auto sample = vit4();
    GlassScattering const computed(sample, beam_13_keV(), 5);
    CHECK(computed.transmission() == doctest::Approx(0.418).epsilon(0.002)); // mu = 290.8 / cm, from xraylib
    CHECK(computed.air_through() == doctest::Approx(computed.transmission()));
    sample.transmission = 0.5;
    sample.upstream_fraction = 0.2;
    GlassScattering const measured(sample, beam_13_keV(), 5);
    CHECK(measured.air_through() == doctest::Approx(0.2 + 0.8 * 0.5));
    CHECK(measured.radial(2.6).coherent == doctest::Approx(computed.radial(2.6).coherent));
}

TEST_CASE("lines are seen only above the threshold") {
    auto beam = beam_13_keV();
    CHECK(GlassScattering(vit4(), beam, 5).lines().empty());
    beam.threshold_keV = 6.5;
    auto const lines = GlassScattering(vit4(), beam, 5).lines();
    CHECK(std::any_of(lines.begin(), lines.end(), [](auto const& l) { return l.line.z == 29; }));
    CHECK(std::any_of(lines.begin(), lines.end(), [](auto const& l) { return l.line.z == 28; }));
    CHECK(std::none_of(lines.begin(), lines.end(), [](auto const& l) { return l.line.z == 22 || l.line.z == 40; }));
}

TEST_CASE("air is a tenth or so of the first sharp peak at 13 keV") {
    GlassScattering const glass(vit4(), beam_13_keV(), 5);
    auto const t = glass.radial(2.62);
    auto const beside = (t.air_coherent + t.air_compton) / (t.coherent + t.compton);
    CHECK(beside > 0.1);
    CHECK(beside < 0.2);
}

TEST_CASE("no sample in the beam leaves the air of the background") {
    auto const g = coarse_detector();
    auto sample = vit4();
    sample.thickness_um = 1e-9;
    auto const images = images_of(g, sample, beam_13_keV());
    for (std::size_t i = 0; i < images.sample.size(); ++i)
        CHECK(images.sample.pixels[i] == doctest::Approx(images.background.pixels[i]).epsilon(1e-6));
}

TEST_CASE("a turned detector sees the same ring at the same height: rot3 turns the image about the beam") {
    // Without polarisation, a detector turned by 90 degrees about the beam sees the transposed image.
    auto g = coarse_detector();
    g.rows = g.cols = 40;
    g.poni1_m = g.poni2_m = 0.02;
    auto turned = g;
    turned.rot3_rad = std::numbers::pi / 2;
    auto beam = beam_13_keV();
    beam.polarization_factor = 0;
    auto const straight_images = images_of(g, vit4(), beam), turned_images = images_of(turned, vit4(), beam);
    for (std::size_t row = 0; row < g.rows; ++row)
        for (std::size_t col = 0; col < g.cols; ++col)
            CHECK(turned_images.sample(row, col) == doctest::Approx(straight_images.sample(col, row)).epsilon(1e-9));
}

TEST_CASE("the direct beam and the largest q are those of the geometry") {
    auto g = coarse_detector();
    g.rot1_rad = 0.1;
    g.rot2_rad = -0.05;
    g.rot3_rad = 0.3;
    g.orientation = 2;
    auto const beam = direct_beam(g);
    CHECK(two_theta_rad(lab_point(g, beam.row, beam.col)) < 1e-9);
    double q = 0;
    for (auto const row : {0.0, 60.0})
        for (auto const col : {0.0, 61.0}) q = std::max(q, q_invA(two_theta_rad(lab_point(g, row, col)), g.wavelength_A));
    CHECK(largest_q_invA(g, g.wavelength_A) == doctest::Approx(q).epsilon(1e-12));
}

TEST_CASE("polarisation takes the light out of the horizontal, not out of the vertical") {
    auto g = coarse_detector();
    g.rows = g.cols = 61;
    g.poni1_m = g.poni2_m = 0.0305;
    auto beam = beam_13_keV();
    beam.polarization_factor = 1;
    auto const images = images_of(g, vit4(), beam);
    auto const cosine = 0.08 / std::hypot(0.08, 0.03); // pixel 60 of the middle row
    // Thomson: cos^2 2t beside 1. The Compton part, some percent, has another ratio.
    CHECK(images.sample(30, 60) / images.sample(60, 30) == doctest::Approx(cosine * cosine).epsilon(0.02));
}

TEST_CASE("masked pixels are not a number, and threads do not change the image") {
    auto const g = coarse_detector();
    GlassScattering const glass(vit4(), beam_13_keV(), largest_q_invA(g, g.wavelength_A));
    Mask dead(g.rows, g.cols);
    dead(3, 4) = 1;
    auto const one = expected_images(glass, 0.97, g, dead, 1), three = expected_images(glass, 0.97, g, dead, 3);
    CHECK(std::isnan(one.sample(3, 4)));
    CHECK(std::isnan(one.background(3, 4)));
    CHECK(std::count_if(one.sample.pixels.begin(), one.sample.pixels.end(), [](double x) { return std::isnan(x); }) == 1);
    for (std::size_t i = 0; i < one.sample.size(); ++i)
        CHECK((one.sample.pixels[i] == three.sample.pixels[i] || std::isnan(one.sample.pixels[i])));
}
