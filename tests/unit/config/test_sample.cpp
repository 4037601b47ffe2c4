// sample and structure_factor: what their newer keys become.
#include "config/load.hpp"
#include "tests/unit/config/config_text.hpp"

#include <doctest/doctest.h>

#include <numbers>

using namespace sqd;
using namespace sqd::test;

namespace {

Config load_text(Folder const& folder, std::string const& text) {
    folder.write("a.poni", poni);
    return parse_config(text, folder.file("test.yaml"), read_text_mask, read_text_image);
}

Config with(Folder const& folder, std::string const& from, std::string const& to) {
    return load_text(folder, replaced(yaml, from, to));
}

} // namespace

TEST_CASE("a density in atoms per volume is the mass density of that composition") {
    Folder const folder;
    auto const config = with(folder, "density_g_cm3: 6.0", "density_A3: 0.060493");
    CHECK(*config.reduction.sample.density_g_cm3 == doctest::Approx(6.0).epsilon(1e-4));
    CHECK(config.effective_yaml.find("density_A3: 0.060493") != std::string::npos);
    auto const again = parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image);
    CHECK(again.reduction.sample.density_g_cm3 == config.reduction.sample.density_g_cm3);
}

TEST_CASE("how the sample stands in the beam") {
    Folder const folder;
    CHECK(load_text(folder, yaml).reduction.sample.shape == SampleShape::plate);
    CHECK(load_text(folder, yaml).reduction.sample.tilt_rad == 0);
    auto const tilted = with(folder, "thickness_um: 30", "thickness_um: 30\n  tilt_deg: 45\n  tilt_azimuth_deg: 90").reduction.sample;
    CHECK(tilted.tilt_rad == doctest::Approx(std::numbers::pi / 4));
    CHECK(tilted.tilt_azimuth_rad == doctest::Approx(std::numbers::pi / 2));
    CHECK(with(folder, "thickness_um: 30", "thickness_um: 300\n  shape: cylinder").reduction.sample.shape == SampleShape::cylinder);
    CHECK(with(folder, "compat: none", "azimuth_range: [10, 40]").reduction.sector_deg == std::pair{10.0, 40.0});
}

TEST_CASE("how the scale is found and what is subtracted") {
    Folder const folder;
    auto const defaults = *load_text(folder, yaml).reduction.structure_factor;
    CHECK(defaults.normalization.method == NormalizationMethod::kmn);
    CHECK(defaults.normalization.low_q == LowQ::constant);
    CHECK(defaults.normalization.kmn_damping_A2 == 0);
    CHECK_FALSE(defaults.normalization.constant);
    CHECK(defaults.form_factors == FormFactorTable::waasmaier_kirfel);
    CHECK(defaults.recoil);
    CHECK(defaults.fluorescence == FluorescenceUse::computed);
    CHECK_FALSE(defaults.subtract_multiple_scattering);
    auto const all =
        *with(folder, "normalization: kmn",
              "normalization: high_q\n  constant: true\n  low_q: parabola\n  kmn_damping_A2: 0.001\n  laue: ashcroft_langreth\n"
              "  form_factors: xraylib\n  recoil: false\n  fluorescence: fitted\n  multiple_scattering: subtract")
             .reduction.structure_factor;
    CHECK(all.normalization.method == NormalizationMethod::high_q);
    CHECK(all.normalization.constant);
    CHECK(all.normalization.low_q == LowQ::parabola);
    CHECK(all.normalization.kmn_damping_A2 == 0.001);
    CHECK(all.laue == LaueForm::ashcroft_langreth);
    CHECK(all.form_factors == FormFactorTable::xraylib);
    CHECK_FALSE(all.recoil);
    CHECK(all.fluorescence == FluorescenceUse::fitted);
    CHECK(all.subtract_multiple_scattering);
}

TEST_CASE("low_r is a method where a cut is known, and kmn alone needs data from low q on") {
    Folder const folder;
    auto const cut = replaced(replaced(yaml, "normalization: kmn", "normalization: low_r"), "r_max_A: 20", "r_max_A: 20, low_r_cut_A: 2.2");
    CHECK(load_text(folder, cut).reduction.structure_factor->normalization.method == NormalizationMethod::low_r);
    auto const high = replaced(replaced(yaml, "normalization: kmn", "normalization: high_q"), "q_min_invA: 0.5", "q_min_invA: 2.0");
    CHECK(load_text(folder, high).reduction.structure_factor->q_min_invA == 2.0);
}

TEST_CASE("density and background may be refined where a cut is known; what is below the data is said once") {
    Folder const folder;
    CHECK(load_text(folder, yaml).reduction.pair_distribution->refine == Refine::none);
    auto const text =
        replaced(replaced(yaml, "normalization: kmn", "low_q: linear"), "r_max_A: 20", "r_max_A: 20, low_r_cut_A: 2.2, refine: both");
    auto const config = load_text(folder, text);
    CHECK(config.reduction.pair_distribution->refine == Refine::both);
    CHECK(config.reduction.pair_distribution->low_q == LowQ::linear);
    CHECK(config.reduction.structure_factor->normalization.low_q == LowQ::linear);
}
