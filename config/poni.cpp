// pyFAI's geometry files: `Key: value` lines, and what their values mean.
#include "config/poni.hpp"

#include "config/poni_values.hpp"
#include "pipeline/core/json_depth.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <sstream>

namespace sqd {

namespace {

using Json = nlohmann::json;

std::string trim(std::string const& text) {
    auto const first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The last value of each key.
PoniValues values_of_lines(std::string const& text, std::string const& file) {
    PoniValues values(file);
    std::istringstream stream(text);
    std::size_t number = 0;
    for (std::string written; std::getline(stream, written);) {
        ++number;
        auto const colon = written.find(':');
        if (trim(written).starts_with('#') || colon == std::string::npos) continue;
        values.say(lower_case(trim(written.substr(0, colon))), trim(written.substr(colon + 1)), number);
    }
    return values;
}

/// pyFAI writes Python's json.dumps; a number may also stand as text.
std::optional<double> config_number(PoniValues const& file, Json const& config, char const* key) {
    auto const found = config.find(key);
    if (found == config.end() || found->is_null()) return std::nullopt;
    if (found->is_number()) return found->get<double>();
    throw file.refuse("detector_config", std::string("'") + key + "' is not a number", found->dump(), "correct the line");
}

/// {"material": "Si", "thickness": 0.00045}, in m.
void read_sensor_config(PoniValues const& file, Json const& config, PoniFile& poni) {
    auto const sensor = config.find("sensor");
    if (sensor == config.end() || sensor->is_null()) return;
    if (!sensor->is_object())
        throw file.refuse("detector_config", "'sensor' is " + sensor->dump(), "expected material and thickness", "correct the line");
    if (auto const material = sensor->find("material"); material != sensor->end() && !material->is_null()) {
        if (!material->is_string())
            throw file.refuse("detector_config", "the sensor's material is " + material->dump(), "expected a name", "correct the line");
        poni.sensor_material = material->get<std::string>();
    }
    auto const thickness = config_number(file, *sensor, "thickness");
    if (thickness && !(*thickness > 0))
        throw file.refuse("detector_config", "the sensor's thickness is not positive", "in m", "correct the line");
    if (thickness) poni.sensor_thickness_um = std::round(*thickness * 1e12) / 1e6; // whole pm: 123 um, not 123.00000000000001
}

void read_detector_config(PoniValues const& file, Json const& config, PoniFile& poni) {
    for (auto const* unsupported : {"x_offset_file", "y_offset_file", "splineFile", "filename"}) {
        if (auto const found = config.find(unsupported); found != config.end() && !found->is_null()) {
            throw file.refuse("detector_config", std::string("'") + unsupported + "' is not available",
                              "distortion maps are not in this version", "use a detector with a regular grid of pixels");
        }
    }
    if (auto const found = config.find("parallax"); found != config.end()) poni.parallax = *found == Json(true);
    if (auto const pixel = config_number(file, config, "pixel1")) poni.pixel1_m = pixel;
    if (auto const pixel = config_number(file, config, "pixel2")) poni.pixel2_m = pixel;
    if (auto const shape = config.find("max_shape"); shape != config.end() && !shape->is_null()) {
        if (!shape->is_array() || shape->size() != 2 || !(*shape)[0].is_number_unsigned() || !(*shape)[1].is_number_unsigned()) {
            throw file.refuse("detector_config", "'max_shape' is " + shape->dump(), "expected [rows, cols]", "correct the line");
        }
        poni.max_shape = {(*shape)[0].get<std::size_t>(), (*shape)[1].get<std::size_t>()};
    }
    if (auto const stated = config.find("orientation"); stated != config.end() && !stated->is_null()) {
        if (!stated->is_number_integer() || stated->get<long>() < 0 || stated->get<long>() > 4) {
            throw file.refuse("detector_config", "orientation is " + stated->dump(), "pyFAI knows 0 (not stated) to 4", "calibrate again");
        }
        poni.states_orientation = stated->get<int>() != 0;
        if (poni.states_orientation) poni.orientation = stated->get<int>();
    }
    read_sensor_config(file, config, poni);
}

void read_detector(PoniValues const& file, PoniFile& poni) {
    poni.detector = file.text("detector");
    poni.pixel1_m = file.number("pixelsize1");
    poni.pixel2_m = file.number("pixelsize2");
    if (file.text("splinefile")) {
        throw file.refuse("splinefile", "spline files are not available", "distortion is not in this version",
                          "use a detector with a regular grid of pixels");
    }
    if (auto const text = file.text("detector_config")) {
        if (json_depth(*text) > max_json_depth)
            throw file.refuse("detector_config", "nests deeper than " + std::to_string(max_json_depth) + " brackets",
                              "it is a list of a detector's settings", "correct the line");
        auto const config = Json::parse(*text, nullptr, false);
        if (!config.is_object()) throw file.refuse("detector_config", "is not a JSON object", *text, "write {} for a known detector");
        read_detector_config(file, config, poni);
    }
    if (auto const parallax = file.text("parallax")) poni.parallax = poni.parallax || lower_case(*parallax) == "true";
}

} // namespace

PoniFile parse_poni(std::string const& text, std::string const& file) {
    return poni_of(values_of_lines(text, file));
}

PoniFile parse_geometry_file(std::string const& text, std::string const& file) {
    return lower_case(std::filesystem::path(file).extension().string()) == ".json" ? parse_integration_json(text, file)
                                                                                   : parse_poni(text, file);
}

PoniFile poni_of(PoniValues const& file) {
    PoniFile poni;
    poni.version = file.text("poni_version").value_or("1");
    if (poni.version != "1" && poni.version != "2" && poni.version != "2.1") {
        throw file.refuse("poni_version", "version " + poni.version + " is not known",
                          "known: 1, 2 and 2.1; a newer one may mean other things", "save the geometry with pyFAI 2024 or 2025");
    }
    read_detector(file, poni);
    poni.distance_m = file.required(file.text("distance") || !file.text("dist") ? "distance" : "dist");
    poni.poni1_m = file.required("poni1");
    poni.poni2_m = file.required("poni2");
    poni.rot1_rad = file.number("rot1").value_or(0);
    poni.rot2_rad = file.number("rot2").value_or(0);
    poni.rot3_rad = file.number("rot3").value_or(0);
    poni.wavelength_m = file.number("wavelength");
    poni.line = file.lines();
    if (!(poni.distance_m > 0)) throw file.refuse("distance", "is not positive", "the detector is behind the sample", "calibrate again");
    if (poni.wavelength_m && !(*poni.wavelength_m > 0)) throw file.refuse("wavelength", "is not positive", "in m", "correct the line");
    return poni;
}

} // namespace sqd
