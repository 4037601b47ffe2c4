// corrections: each off until written, each as written, and what cannot be is refused.
#include "config_text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace sqd;
using namespace sqd::test;

namespace {

Config load(Folder const& folder, std::string const& text) {
    folder.write("a.poni", poni);
    return parse_config(text, folder.file("test.yaml"), read_text_mask, read_text_image);
}

Config corrected(Folder const& folder, std::string const& keys) {
    return load(folder, yaml + "corrections: {" + keys + "}\n");
}

/// 256 x 256 numbers, `special` at the place of the first pixel.
std::string text_flat(std::string const& special, std::size_t rows = 256) {
    std::string text;
    for (std::size_t i = 0; i < rows * 256; ++i)
        text += (i == 0 ? special : i % 2 == 0 ? "1" : "1.5") + std::string(i % 256 == 255 ? "\n" : " ");
    return text;
}

/// The message for these keys has all the words.
void check_refused(std::string const& keys, std::vector<std::string> const& words) {
    Folder const folder;
    folder.write("flat.txt", text_flat("0"));
    folder.write("short.txt", text_flat("1", 255));
    folder.write("words.txt", "one two\n");
    std::string dead = "0";
    for (std::size_t i = 1; i < 256 * 256; ++i) dead += i % 256 == 0 ? "\nnan" : " -1";
    folder.write("dead.txt", dead + '\n');
    auto const said = complaint(folder, yaml + "corrections: {" + keys + "}\n");
    CAPTURE(keys);
    CAPTURE(said);
    for (auto const& word : words) CHECK(said.find(word) != std::string::npos);
}

} // namespace

TEST_CASE("without the section, with none and with an empty one nothing is corrected") {
    Folder const folder;
    for (auto const& text : {yaml, yaml + "corrections: none\n", yaml + "corrections: {}\n"}) {
        auto const config = load(folder, text);
        CHECK_FALSE(config.integration.air);
        CHECK_FALSE(config.integration.absorber);
        CHECK_FALSE(config.integration.flat);
        CHECK(config.reduction.dark_use == DarkUse::none);
        CHECK_FALSE(config.reduction.dead_time);
        CHECK(config.integration.solid_angle_order == 3);
        CHECK(config.integration.polarization_offset_deg == 0);
    }
}

TEST_CASE("each correction is read with its unit, for the norm and for the photons of another energy") {
    Folder const folder;
    auto const whole = corrected(folder, "air: {}").integration.air;
    REQUIRE(whole);
    CHECK(whole->length_m == 0.078); // to the detector
    CHECK(whole->pressure_hPa == 1013.25);
    CHECK(whole->temperature_C == 20);
    auto const config = corrected(folder, "air: {length_mm: 50, pressure_hPa: 950, temperature_C: 24.5}, "
                                          "absorber: {material: C22H10N2O5, density_g_cm3: 1.42, thickness_um: 75, facing: beam}, "
                                          "dark: dark_0003, dead_time_ns: 120");
    CHECK(config.integration.air->length_m == 0.05);
    CHECK(config.integration.air->pressure_hPa == 950);
    CHECK(config.integration.air->temperature_C == 24.5);
    CHECK(config.integration.absorber->material.text == "C22H10N2O5");
    CHECK(config.integration.absorber->density_g_cm3 == 1.42);
    CHECK(config.integration.absorber->thickness_um == 75);
    CHECK(config.integration.absorber->faces_beam);
    CHECK(config.reduction.air->length_m == 0.05);
    CHECK(config.reduction.absorber->thickness_um == 75);
    CHECK(config.reduction.dark_use == DarkUse::scan_id);
    CHECK(config.reduction.dark_scan == "dark_0003");
    CHECK(config.reduction.dead_time->seconds == doctest::Approx(120e-9).epsilon(1e-15));
    CHECK(corrected(folder, "dark: latest").reduction.dark_use == DarkUse::latest);
    CHECK_FALSE(corrected(folder, "absorber: {material: Be, density_g_cm3: 1.85, thickness_um: 50}").integration.absorber->faces_beam);
    CHECK(load(folder, config.effective_yaml).effective_yaml == config.effective_yaml);
}

TEST_CASE("order of the solid angle and axis of the polarisation") {
    Folder const folder;
    auto const config = load(folder, replaced(replaced(yaml, "compat: none", "solid_angle_order: 2.5"), "polarization_factor: 0.97",
                                              "polarization_factor: 0.97\n  polarization_offset_deg: -12.5"));
    CHECK(config.integration.solid_angle_order == 2.5);
    CHECK(config.integration.polarization_offset_deg == -12.5);
    auto const refused = [&](char const* from, char const* to, char const* word) {
        auto const said = complaint(folder, replaced(yaml, from, to));
        CAPTURE(said);
        CHECK(said.find(word) != std::string::npos);
    };
    refused("compat: none", "solid_angle_order: 0", "integration.solid_angle_order: '0' is out of range");
    refused("compat: none", "solid_angle_order: cos", "integration.solid_angle_order: 'cos' is not a number");
    refused("polarization_factor: 0.97", "polarization_offset_deg: 181", "beam.polarization_offset_deg: '181' is out of range");
}

TEST_CASE("a flat field is read by the program's reader, and what does not respond is known") {
    Folder const folder;
    for (auto const& special : {"0", "-1", "nan", "inf"}) {
        folder.write("flat.txt", text_flat(special));
        auto const flat = corrected(folder, "flat: flat.txt").integration.flat;
        REQUIRE(flat);
        CHECK(flat->name == folder.file("flat.txt"));
        CHECK(flat->response(0, 1) == 1.5);
        CHECK(masked_pixels(excluded_by(*flat)) == 1);
        CHECK(excluded_by(*flat)(0, 0) == 1);
    }
}

TEST_CASE("what cannot be corrected is refused, with the place and a way out") {
    check_refused("air: {length_mm: 78.1}", {"test.yaml:", "corrections.air.length_mm: 78.1 mm is longer than the way", "78 mm", "auto"});
    check_refused("air: {length_mm: 0}", {"corrections.air.length_mm: '0' is out of range"});
    check_refused("air: {pressure_hPa: 101325}", {"corrections.air.pressure_hPa: '101325' is out of range"});
    check_refused("air: {temperature_C: 293}", {"corrections.air.temperature_C: '293' is out of range"});
    check_refused("air: {pressure_mbar: 1000}", {"unknown key", "pressure_hPa"});
    check_refused("air: 50", {"corrections.air: is '50', not a section"});
    check_refused("absorber: {density_g_cm3: 1.85, thickness_um: 50}", {"corrections.absorber.material: is missing"});
    check_refused("absorber: {material: Be, thickness_um: 50}", {"corrections.absorber.density_g_cm3: is missing"});
    check_refused("absorber: {material: Be, density_g_cm3: 1.85}", {"corrections.absorber.thickness_um: is missing"});
    check_refused("absorber: {material: Kapton, density_g_cm3: 1.42, thickness_um: 50}", {"'Kapton' is not understood", "C22H10N2O5"});
    check_refused("absorber: {material: Be, density_g_cm3: 1850, thickness_um: 50}", {"density_g_cm3: '1850' is out of range"});
    check_refused("absorber: {material: Be, density_g_cm3: 1.85, thickness_um: 0}", {"thickness_um: '0' is out of range"});
    check_refused("absorber: {material: Be, density_g_cm3: 1.85, thickness_um: 50, facing: sample}",
                  {"corrections.absorber.facing: 'sample' is not known", "detector or beam"});
    check_refused("flat: no_such.npy", {"corrections.flat: no such file 'no_such.npy'"});
    check_refused("flat: words.txt", {"corrections.flat:", "is no flat field", "not a text of numbers"});
    check_refused("flat: short.txt", {"corrections.flat:", "is for another detector", "255 x 256"});
    check_refused("flat: dead.txt", {"corrections.flat:", "leaves no pixel"});
    check_refused("dead_time_ns: 0", {"corrections.dead_time_ns: '0' is out of range"});
    check_refused("dead_time_ns: 1e7", {"corrections.dead_time_ns: '1e7' is out of range"});
    check_refused("dead_time_ns: 120 ns", {"corrections.dead_time_ns: '120 ns' is not a number"});
    check_refused("dark: [a, b]", {"corrections.dark: is a list"});
}
