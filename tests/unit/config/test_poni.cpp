#include "config/poni.hpp"

#include "config_text.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

namespace {

std::string const v1 =
    "# Calibration done at some time\nPixelSize1: 0.000172\nPixelSize2: 0.000172\nDistance: 0.2\nPoni1: 0.08\nPoni2: 0.07\n"
    "Rot1: -0.01\nRot2: 0.02\nRot3: 0.03\nSplineFile: None\nWavelength: 4.066e-11\n";

std::string refusal(std::string const& text) {
    try {
        parse_poni(text, "x.poni");
    } catch (ConfigError const& e) {
        return e.what();
    }
    return {};
}

} // namespace

TEST_CASE("version 1: no version line, pixel sizes as keys") {
    auto const p = parse_poni(v1, "x.poni");
    CHECK(p.version == "1");
    CHECK_FALSE(p.detector);
    CHECK(p.pixel1_m == 0.000172);
    CHECK(p.distance_m == 0.2);
    CHECK(p.poni1_m == 0.08);
    CHECK(p.poni2_m == 0.07);
    CHECK(p.rot1_rad == -0.01);
    CHECK(p.rot2_rad == 0.02);
    CHECK(p.rot3_rad == 0.03);
    CHECK(p.wavelength_m == 4.066e-11);
    CHECK(p.orientation == 3);
}

TEST_CASE("versions 2 and 2.1: the detector's JSON") {
    auto const p = parse_poni("poni_version: 2.1\nDetector: Detector\nDetector_config: {\"pixel1\": 1e-4, \"pixel2\": 2e-4, \"max_shape\": "
                              "[10, 20], \"orientation\": 2}\nDistance: 1\nPoni1: 0\nPoni2: 0\n",
                              "x.poni");
    CHECK(p.detector == "Detector");
    CHECK(p.pixel1_m == 1e-4);
    CHECK(p.pixel2_m == 2e-4);
    CHECK(p.max_shape == std::pair<std::size_t, std::size_t>{10, 20});
    CHECK(p.orientation == 2);
    CHECK_FALSE(p.wavelength_m);
    auto const named = parse_poni("poni_version: 2\nDetector: Eiger4M\nDetector_config: {}\nDistance: 1\nPoni1: 0\nPoni2: 0\n", "x.poni");
    CHECK(named.detector == "Eiger4M");
    CHECK_FALSE(named.max_shape);
}

TEST_CASE("files are appended to: the last value wins, and its line is the one that is named") {
    auto const p = parse_poni(v1 + v1 + "distance: 0.3\n", "x.poni");
    CHECK(p.distance_m == 0.3);
    CHECK(refusal(v1 + "Distance: far\n").starts_with("x.poni:12: distance: 'far' is not a finite number"));
}

TEST_CASE("orientation 0 means not stated, which pyFAI takes as 3") {
    CHECK(parse_poni(replaced(poni, "[256, 256]", "[256, 256], \"orientation\": 0"), "x.poni").orientation == 3);
    CHECK(refusal(replaced(poni, "[256, 256]", "[256, 256], \"orientation\": 5")).find("orientation is 5") != std::string::npos);
}

TEST_CASE("all four orientations, stated or not") {
    for (int const orientation : {1, 2, 3, 4}) {
        auto const p = parse_poni(replaced(poni, "[256, 256]", "[256, 256], \"orientation\": " + std::to_string(orientation)), "x.poni");
        CHECK(p.orientation == orientation);
        CHECK(p.states_orientation);
    }
    CHECK_FALSE(parse_poni(poni, "x.poni").states_orientation);
    CHECK_FALSE(parse_poni(replaced(poni, "[256, 256]", "[256, 256], \"orientation\": 0"), "x.poni").states_orientation);
}

TEST_CASE("a sensor in the detector's JSON is in m, and may be partly or not known") {
    auto const with = [](std::string const& sensor) { return replaced(poni, "[256, 256]", "[256, 256], \"sensor\": " + sensor); };
    auto const p = parse_poni(with("{\"material\": \"CdTe\", \"thickness\": 0.00075}"), "x.poni");
    CHECK(p.sensor_material == "CdTe");
    CHECK(p.sensor_thickness_um == 750);
    for (double const um : {123.0, 249.0, 320.0, 450.0, 1000.0}) {
        auto const text = std::to_string(um * 1e-6 * 1e9) + "e-9";
        CHECK(parse_poni(with("{\"thickness\": " + text + "}"), "x.poni").sensor_thickness_um == um);
    }
    CHECK_FALSE(parse_poni(with("null"), "x.poni").sensor_material);
    CHECK_FALSE(parse_poni(with("{\"material\": \"Si\", \"thickness\": null}"), "x.poni").sensor_thickness_um);
    CHECK(refusal(with("\"Si\"")).find("detector_config: 'sensor' is \"Si\"") != std::string::npos);
    CHECK(refusal(with("{\"material\": 14}")).find("the sensor's material is 14") != std::string::npos);
    CHECK(refusal(with("{\"thickness\": 0}")).find("thickness is not positive") != std::string::npos);
    CHECK(refusal(with("{\"thickness\": \"thin\"}")).find("'thickness' is not a number") != std::string::npos);
}

TEST_CASE("what this program cannot apply is refused, not left out") {
    CHECK(refusal(replaced(poni, "poni_version: 2", "poni_version: 3")).find("poni_version: version 3 is not known") != std::string::npos);
    CHECK(refusal(replaced(v1, "SplineFile: None", "SplineFile: frelon.spline")).find("spline") != std::string::npos);
    CHECK(refusal(replaced(poni, "[256, 256]", "null, \"x_offset_file\": \"x.npy\"")).find("x_offset_file") != std::string::npos);
}

TEST_CASE("a geometry with a hole is refused") {
    CHECK(refusal(replaced(v1, "Poni2: 0.07\n", "")).find("poni2: is missing") != std::string::npos);
    CHECK(refusal(replaced(v1, "Distance: 0.2\n", "Distance: None\n")).find("distance: is missing") != std::string::npos);
    CHECK(refusal(replaced(v1, "Distance: 0.2", "Distance: 0")).find("is not positive") != std::string::npos);
    CHECK(refusal(replaced(v1, "Distance: 0.2", "Distance: nan")).find("not a finite number") != std::string::npos);
    CHECK(refusal(replaced(v1, "4.066e-11", "-1")).find("wavelength: is not positive") != std::string::npos);
    CHECK(refusal(replaced(poni, "[256, 256]", "[256]")).find("max_shape") != std::string::npos);
    CHECK(refusal(replaced(poni, "{\"pixel1\"", "\"pixel1\"")).find("not a JSON object") != std::string::npos);
}

TEST_CASE("a calibration made at a beamline is read") {
    SQD_SHARED_DATA_OR_SKIP(path, "integration/dioptas_ceo2_pilatus1m/CeO2_Pilatus1M.poni");
    auto const p = parse_poni(read_text(path), path.string());
    CHECK(p.distance_m == 0.208651380603);
    CHECK(p.rot3_rad == -2.77645988275e-08);
    CHECK(p.pixel2_m == 0.000172);
}

TEST_CASE("a calibration says whether it was made with parallax") {
    CHECK_FALSE(parse_poni(poni, "x.poni").parallax);
    CHECK_FALSE(parse_poni(poni + "Parallax: False\n", "x.poni").parallax);
    CHECK(parse_poni(poni + "Parallax: True\n", "x.poni").parallax);
    CHECK(parse_poni(replaced(poni, "[256, 256]", "[256, 256], \"parallax\": true"), "x.poni").parallax);
    CHECK_FALSE(parse_poni(replaced(poni, "[256, 256]", "[256, 256], \"parallax\": false"), "x.poni").parallax);
}
