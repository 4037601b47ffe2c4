// A result in which every field holds something of its own: what is lost or swapped on the way shows.
#pragma once

#include "pipeline/core/results.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

namespace sqd::test {

/// `size` values that no other seed gives, with digits down to the last bit.
inline std::vector<double> some_values(std::size_t size, double seed) {
    std::vector<double> out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = seed + std::sqrt(static_cast<double>(i) + seed) / 3;
    return out;
}

inline Pattern1D some_pattern(std::size_t bins, double seed) {
    Pattern1D p;
    p.unit = RadialUnit::q_invnm;
    p.radial = some_values(bins, seed + 1);
    p.q_invA = some_values(bins, seed + 2);
    p.intensity = some_values(bins, seed + 3);
    p.sigma = some_values(bins, seed + 4);
    p.pixels = some_values(bins, seed + 5);
    p.polarization = some_values(bins, seed + 6);
    p.counts = some_values(bins, seed + 7);
    p.norm = some_values(bins, seed + 8);
    p.edges = some_values(bins + 1, seed + 9);
    p.intensity.back() = p.sigma.back() = std::numeric_limits<double>::quiet_NaN();
    return p;
}

inline Cake some_cake() {
    Cake c;
    c.unit = RadialUnit::two_theta_deg;
    c.radial = Axis::uniform(0.5, 12, 7);
    c.chi_deg = Axis::uniform(-170, 190, 5);
    std::vector<double> const values = some_values(4 * 35, 70);
    for (auto* image : {&c.intensity, &c.sigma, &c.norm, &c.count}) {
        auto const from = values.begin() + 35 * (image == &c.intensity ? 0 : image == &c.sigma ? 1 : image == &c.norm ? 2 : 3);
        *image = Image<double>(5, 7);
        image->pixels.assign(from, from + 35);
    }
    c.intensity(2, 3) = c.sigma(2, 3) = std::numeric_limits<double>::quiet_NaN();
    return c;
}

inline PointTable some_points(std::size_t frames, std::size_t bins) {
    PointTable t;
    t.bin_counts = Image<std::uint32_t>(frames, bins);
    for (std::size_t i = 0; i < frames; ++i) {
        t.number.push_back(3 * i + (i % 2));
        t.reason.push_back(i % 7 == 3 ? "off_sample" : "");
        t.exposure_s.push_back(0.02 + 1e-9 * static_cast<double>(i));
        t.monitor.push_back(1 + 1e-3 * static_cast<double>(i));
    }
    std::uint32_t state = 20261122;
    for (auto& count : t.bin_counts.pixels) count = (state = state * 1664525u + 1013904223u) >> 8;
    return t;
}

inline StructureFactor some_structure_factor() {
    StructureFactor sq;
    sq.q_invA = some_values(31, 40), sq.s = some_values(31, 41), sq.s_sigma = some_values(31, 42), sq.f = some_values(31, 43);
    sq.s_background_sigma = some_values(31, 44);
    sq.form = "faber_ziman";
    sq.errors = {some_values(31, 45), some_values(31, 46), some_values(31, 47), some_values(31, 48), {}, {}};
    sq.errors.shared = {{some_values(31, 49), some_values(31, 80)}, {some_values(31, 81), some_values(31, 82)}};
    for (std::size_t i = 0; i < 31; ++i) sq.errors.bin.push_back(2 * i);
    Normalization& n = sq.normalization;
    n.alpha = 0.27;
    n.alpha_sigma = 0.001;
    n.alpha_kmn = 0.271;
    n.alpha_kmn_mean = 0.2715;
    n.alpha_high_q = 0.272;
    n.alpha_high_q_constant = 0.269;
    n.constant = 1.25;
    n.alpha_low_r = 0.268;
    n.alpha_spread = 0.003;
    n.fluorescence = 12.5;
    n.fluorescence_amplitude = 1.1;
    n.fluorescence_amplitude_sigma = 0.2;
    n.multiple_scattering = 0.0015;
    n.density_A3 = 0.0549;
    n.q_min_invA = 0.5;
    n.q_max_invA = 6.9;
    n.method = "kmn";
    n.low_q = "constant";
    return sq;
}

inline Fsdp some_fsdp() {
    Fsdp f;
    f.q1 = 2.6243, f.q1_sigma = 0.00007, f.q1_sigma_model = 0.0006, f.q1_sigma_geometry = 0.0009, f.q1_max = 2.6291;
    f.q1_background_sigma = 0.00002, f.fwhm_background_sigma = 0.00006, f.height_background_sigma = 0.003;
    f.fwhm = 0.381, f.fwhm_sigma = 0.0002, f.height = 1.9, f.height_sigma = 0.01, f.q1_parabola = 2.6301, f.q1_centroid = 2.6411;
    f.chi2_reduced = 5.2, f.model = "split_pseudo_voigt", f.on = "sq", f.window_low = 2.2, f.window_high = 3.1;
    f.q_invA = some_values(17, 50), f.data = some_values(17, 51), f.data_sigma = some_values(17, 52);
    f.fit = some_values(17, 53), f.residual = some_values(17, 54), f.flags = {"eta_left_at_bound"};
    return f;
}

inline AdHocCurves some_ad_hoc() {
    AdHocCurves a;
    a.sq.q_invA = some_values(29, 80), a.sq.s = some_values(29, 81), a.sq.s_sigma = some_values(29, 82), a.sq.f = some_values(29, 83);
    a.sq.form = "ad_hoc";
    a.sq.normalization.q_min_invA = 0.8, a.sq.normalization.q_max_invA = 22;
    a.gr.r_A = some_values(37, 84), a.gr.g = some_values(37, 85), a.gr.g_sigma = some_values(37, 86);
    a.gr.q_max_invA = 22, a.gr.window = "cosine";
    a.scale = 0.553, a.rpoly_A = 1.3, a.degree = 9.18, a.q_min_invA = 0.81, a.q_max_inst_invA = 23;
    return a;
}

inline PairDistribution some_pair_distribution() {
    PairDistribution gr{some_values(41, 60), some_values(41, 61), some_values(41, 62), 28, "lorch", 2.2, 3, {}};
    gr.g_background_sigma = some_values(41, 63);
    gr.density_A3 = 0.055, gr.low_r_method = "top_hat", gr.top_hat_invA = 1.4;
    Shell first{{2.7, 0.01, 0.001},       {8.1, 0.2, 0.02},         2.3, 3.4, Estimate{11.9, 0.3, 0.03},
                Estimate{9.1, 0.4, 0.04}, Estimate{10.2, 0.5, 0.05}};
    Shell second{{4.6, 0.02, 0.002}, {3.3, 0.1, 0.01}};
    gr.shells = {first, second};
    return gr;
}

inline Comparison some_comparison() {
    Comparison c;
    c.reference_uid = "uid-of-the-reference", c.reference_id = "vit4_298K";
    c.one_mount = false, c.one_background = true, c.change = Change::perhaps_mount;
    c.numbers = {{"q1", "1/angstrom", 2.6222, 2.6243, 0.0021, 0.0002, 0.0013, 10.5, 1.6}, {"height", "", 1.8, 1.9, 0.1, 0.02, 0, 5, 5}};
    c.s = CurveDifference{some_values(31, 83), some_values(31, 84), some_values(31, 85), 30, 45, 0.04, 33, 0.32};
    c.g = CurveDifference{some_values(41, 86), some_values(41, 87), some_values(41, 88), 20, 22, 0.34, 21, 0.4};
    c.left_out = {"something (why)"}, c.warnings = {"other geometries"};
    return c;
}

inline Findings some_findings() {
    Findings f;
    f.hot_pixels = {{17, 1203, 98765, 12.25, 0}, {1800, 3, 5'000'000'000, 13.5, 0}};
    f.lines = {{2.785, 0.02, 3.25, 0.75, 12.5, "Si"}, {4.4, 0.03, 0, 0.5, 6.5, "unknown"}};
    GeometryShift const fixed{{1.5e-4, 2e-6}, {-3e-5, 1e-6}, {4e-5, 1.5e-6}, std::nullopt, std::nullopt, 812.5, 0.05, 790, {}};
    GeometryShift tilted = fixed;
    tilted.distance_m.value = 1.25e-4, tilted.rot1_rad = Measured{1e-3, 2e-5}, tilted.rot2_rad = Measured{-2e-3, 3e-5};
    CalibrationCheck check;
    check.calibrant = "CeO2", check.sectors = 640, check.shift = fixed, check.tilted = tilted, check.relative_q = {1.25e-3, 1e-5};
    check.rings = {{{1, 1, 1}, 2.011, {2.0085, 1e-5}, 72}, {{2, -2, 0}, 3.284, {3.28, 2e-5}, 70}};
    check.verdict = CalibrationVerdict::shifted;
    f.calibration = check;
    return f;
}

/// `uid` and `result` are the key; the rest is the same every time.
inline ReducedResult full_result(std::string const& uid = "6d1f0e0a-0000-4000-8000-000000000001", std::uint64_t result = 17) {
    ReducedResult r;
    r.scan = {
        uid, "vit4_643K", Role::sample, 12, "01HV-unique", "mount 3", MapGrid{30, 60, {5, 6}, true}, {{"P_comp/GPa", 7}, {"T_comp", 643}}};
    r.result = result;
    r.state = ResultState::final;
    r.durable = true;
    r.frames = {1800, 1205, 1140, 60, 600, 0, 5, {{"decode", 2}, {"off_sample", 58}}, {{4, 4}, {1201, 1799}}, true};
    r.time = {1795341600123456789, 1795341636987654321, 1795341637000000001, 12.3};
    r.provenance = {"0.1.0", "c0ffee", "9e0", "3a5c", "uid-of-the-background", {"solid_angle", "polarization 0.97", "monitored_nothing"}};
    r.provenance.integration = {"bbox", "unweighted", "hybrid", {"gaps of the detector", "beamstop.edf"}, 0.97};
    r.curves.cake = std::make_shared<Cake const>(some_cake());
    r.detector = "Dectris EIGER X 4M";
    r.geometry = {0.0816, 0.0832, 0.0771, 0.0011, -0.0022, 0.0033, 7.5e-5, 7.6e-5, 2167, 2070, 0.95372460331, 2};
    r.sample = {parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5"), 6.0, 52, 1.5, 0.4182};
    r.sample.self_absorption = false;
    r.attenuation = 0.25;
    r.curves.pattern = some_pattern(23, 10);
    r.curves.background = some_pattern(23, 20);
    r.curves.net = some_pattern(23, 30);
    r.curves.background_scale = 0.418, r.curves.background_scale_low = 0.41, r.curves.background_scale_high = 1;
    r.curves.transmission = 0.4181;
    r.curves.sq = some_structure_factor();
    r.curves.fsdp = some_fsdp();
    r.curves.refinement = LowRRefinement{Estimate{0.0551, 0.0004, 0.0001}, Estimate{0.93, 0.002, 0.001}, 0.25, 0.125, "at_bound"};
    r.curves.gr = some_pair_distribution();
    r.curves.ad_hoc = some_ad_hoc();
    r.findings = some_findings();
    r.comparison = std::make_shared<Comparison const>(some_comparison());
    r.curves.flags = {"no_monitor", "fsdp_failed:none"};
    r.curves.rejected = {{5, "off_sample"}, {9, "decode"}};
    r.points = std::make_shared<PointTable const>(some_points(40, 23));
    return r;
}

} // namespace sqd::test
