// What pyFAI-integrate saves, of every version, is the geometry of the .poni that it was made from.
#include "config/poni.hpp"

#include "config_text.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

namespace {

/// As pyFAI 0.21 writes it (version 3).
std::string const flat = R"({
  "application": "pyfai-integrate",
  "version": 3,
  "do_2D": false,
  "dist": 0.078,
  "poni1": 0.004,
  "poni2": 0.005,
  "rot1": -0.01,
  "rot2": 2e-02,
  "rot3": 0.03,
  "wavelength": 1.81e-11,
  "detector": "Detector",
  "detector_config": {"pixel1": 7.5e-05, "pixel2": 7.5e-05, "max_shape": [256, 256]},
  "do_mask": true,
  "mask_file": "beamstop.edf",
  "do_dark": false,
  "dark_current": "dark.edf",
  "flat_field": null,
  "val_dummy": 0,
  "do_dummy": false,
  "nbpt_rad": 1000,
  "error_model": ""
})";

/// As pyFAI 2025 writes it (version 5).
std::string const nested = R"({"application": "worker", "version": 5, "nbpt_rad": 500, "unit": "q_A^-1", "mask_file": null,
  "poni": {"poni_version": 2.1, "dist": 0.078, "poni1": 0.004, "poni2": 0.005, "rot1": -0.01, "rot2": 2e-02, "rot3": 0.03,
           "wavelength": 1.81e-11, "detector": "Detector",
           "detector_config": {"pixel1": 7.5e-05, "pixel2": 7.5e-05, "max_shape": [256, 256], "orientation": 2,
                               "sensor": {"material": "Si", "thickness": 0.00045}}}})";

std::string refusal(std::string const& text) {
    try {
        parse_integration_json(text, "a.json");
    } catch (ConfigError const& e) {
        return e.what();
    }
    return {};
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("the geometry is among the settings, or under poni") {
    for (auto const* const text : {&flat, &nested}) {
        auto const p = parse_integration_json(*text, "a.json");
        CHECK(p.distance_m == 0.078);
        CHECK(p.poni1_m == 0.004);
        CHECK(p.poni2_m == 0.005);
        CHECK(p.rot1_rad == -0.01);
        CHECK(p.rot2_rad == 0.02);
        CHECK(p.rot3_rad == 0.03);
        CHECK(p.wavelength_m == 1.81e-11);
        CHECK(p.detector == "Detector");
        CHECK(p.pixel1_m == 7.5e-05);
        CHECK(p.max_shape == std::pair<std::size_t, std::size_t>{256, 256});
    }
    auto const p = parse_integration_json(nested, "a.json");
    CHECK(p.version == "2.1");
    CHECK(p.orientation == 2);
    CHECK(p.states_orientation);
    CHECK(p.sensor_material == "Si");
    CHECK(p.sensor_thickness_um == 450);
}

TEST_CASE("settings that would change the result are named, and those that are off or empty are not") {
    CHECK(parse_integration_json(flat, "a.json").unused == Names{"mask_file", "nbpt_rad"});
    CHECK(parse_integration_json(nested, "a.json").unused == Names{"nbpt_rad", "unit"});
    CHECK(parse_integration_json(replaced(flat, "\"do_dummy\": false", "\"do_dummy\": true"), "a.json").unused ==
          Names{"mask_file", "nbpt_rad", "val_dummy"});
    CHECK(parse_poni(poni, "a.poni").unused.empty());
}

TEST_CASE("the name's ending says which of the two a file is") {
    CHECK(parse_geometry_file(flat, "x/azimint.JSON").distance_m == 0.078);
    CHECK(parse_geometry_file(poni, "x/json").distance_m == 0.078);
    CHECK_THROWS_AS(parse_geometry_file(flat, "x/azimint.poni"), ConfigError);
    CHECK_THROWS_AS(parse_geometry_file(poni, "x/a.json"), ConfigError);
}

TEST_CASE("old files have the pixels among the settings, and name a .poni that is not needed") {
    auto const p = parse_integration_json(R"({"poni": "old.poni", "dist": 0.1, "poni1": 0, "poni2": 0, "detector": "Eiger 4M",
        "pixel1": 7.5e-05, "pixel2": 7.5e-05, "splineFile": null})",
                                          "a.json");
    CHECK(p.pixel1_m == 7.5e-05);
    CHECK(p.detector == "Eiger 4M");
    CHECK(p.rot1_rad == 0);
    CHECK(refusal(R"({"poni": "old.poni", "nbpt_rad": 100})").find("poni: is \"old.poni\" (the geometry is not in this file)") !=
          std::string::npos);
}

TEST_CASE("what is wrong is told with the key's line") {
    CHECK(refusal(replaced(flat, "\"poni1\": 0.004", "\"poni1\": \"here\"")).starts_with("a.json:6: poni1: 'here' is not a finite number"));
    CHECK(refusal(replaced(flat, "\"poni1\": 0.004", "\"poni1\": true")).starts_with("a.json:6: poni1: 'true' is not a finite number"));
    CHECK(refusal(replaced(flat, "\"dist\": 0.078", "\"dist\": -1")).find("is not positive") != std::string::npos);
    CHECK(refusal(replaced(flat, "\"dist\": 0.078,", "")).find("distance: is missing") != std::string::npos);
    CHECK(refusal(replaced(nested, "\"version\": 5", "\"version\": 6")).starts_with("a.json:1: version: version 6 is not known"));
    CHECK(refusal(replaced(nested, "\"poni_version\": 2.1", "\"poni_version\": 3")).find("poni_version: version 3 is not known") !=
          std::string::npos);
    CHECK(refusal(replaced(flat, "\"detector_config\": {", "\"splineFile\": \"frelon.spline\", \"detector_config\": {"))
              .find("spline files are not available") != std::string::npos);
    CHECK(refusal("poni_version: 2\n").find("is not a JSON object") != std::string::npos);
    CHECK(refusal("[]").find("is not a JSON object") != std::string::npos);
    CHECK(refusal("").find("is not a JSON object") != std::string::npos);
    CHECK(refusal(std::string(100000, '[')).find("nests deeper") != std::string::npos);
}
