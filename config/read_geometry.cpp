// Where the pixels of a frame look: geometry, detector, sensor, beam.
#include "config/fit2d.hpp"
#include "config/parts.hpp"
#include "config/poni.hpp"
#include "config/text.hpp"
#include "detectors/descriptions.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/attenuation.hpp"

#include <cmath>

namespace sqd {

namespace {

constexpr double wavelength_tolerance = 1e-3; ///< relative: 0.003 1/A at the FSDP, and above the last digits people write
constexpr double written_tolerance = 1e-6;    ///< relative: rounding in a text file

/// One of the two is set. `name` is what messages call it.
struct StatedGeometry {
    std::optional<PoniFile> file;
    std::optional<Fit2dGeometry> fit2d;
    char const* name = "the .poni file";
};

/// Detectors that pyFAI knows stand in a .poni by their name alone.
PoniFile with_known_detector(PoniFile poni) {
    auto const* named = poni.detector ? find_detector(*poni.detector) : nullptr;
    if (named == nullptr) return poni;
    if (!poni.max_shape) poni.max_shape.emplace(named->rows, named->cols);
    if (!poni.pixel1_m) poni.pixel1_m = named->pixel_m;
    if (!poni.pixel2_m) poni.pixel2_m = named->pixel_m;
    return poni;
}

Fit2dGeometry read_fit2d(Section const& fit2d) {
    constexpr double far_away = 1e6;
    Limits const pixels{-far_away, far_away, "beam centre [pixels]"};
    Fit2dGeometry f;
    f.distance_mm = fit2d.number("distance_mm", {0, far_away, "distance [mm]", true});
    f.center_x_px = fit2d.number("center_x_px", pixels);
    f.center_y_px = fit2d.number("center_y_px", pixels);
    f.tilt_deg = fit2d.number("tilt_deg", {-89, 89, "tilt [degrees]"});
    f.tilt_plan_rotation_deg = fit2d.number("tilt_plan_rotation_deg", {-360, 360, "rotation of the tilt's plane [degrees]"});
    return f;
}

StatedGeometry read_stated(Document& document, Section const& geometry, std::string& path) {
    Section const fit2d(document, "geometry.fit2d");
    std::string const name = geometry.text("poni"), both = "exactly one of geometry.poni and geometry.fit2d says where the detector is";
    bool const has_file = name != "none", has_fit2d = !fit2d.is_none();
    if (has_file && has_fit2d) throw geometry.refuse("fit2d", "is a second geometry", both, "leave one of them out");
    if (!has_file && !has_fit2d) throw geometry.refuse("poni", "is missing", both, "name a .poni or pyFAI-integrate's .json");
    if (has_fit2d) return {std::nullopt, read_fit2d(fit2d), "geometry.fit2d"};
    path = geometry.existing_file("poni", name);
    return {with_known_detector(parse_geometry_file(read_file(path), path)), std::nullopt};
}

DetectorModel const& read_model(Section const& detector, StatedGeometry const& stated) {
    auto const named = stated.file ? stated.file->detector : std::nullopt;
    auto const from_file = named && find_detector(*named) != nullptr ? named : std::nullopt;
    if (!from_file && !detector.says("name")) {
        throw detector.refuse("name", "is missing", std::string(stated.name) + " names no detector that is known here",
                              "write pyFAI's name, Eiger4M for example");
    }
    auto const name = detector.text("name", from_file);
    if (auto const* model = find_detector(name)) return *model;
    if (auto const* model = find_detector_by_description(name)) return *model;
    std::vector<std::string> known;
    for (auto const& model : detector_models()) known.emplace_back(model.name);
    auto const near = nearest_name(name, known);
    throw detector.refuse("name", '\'' + name + "' is not known", "known: " + join_or(known),
                          near.empty() ? "write one of these" : "did you mean '" + near + "'?");
}

/// The sensor as far as the geometry's file or, where that says nothing, the model tells it.
struct ExpectedSensor {
    std::optional<std::string> material;
    std::optional<double> thickness_um;
};

ExpectedSensor expected_sensor(DetectorModel const& model, std::optional<PoniFile> const& file) {
    std::string const usual = model.sensor_material;
    ExpectedSensor expected;
    if (file) expected = {file->sensor_material, file->sensor_thickness_um};
    if (!expected.material && !usual.empty()) expected.material = usual;
    if (!expected.thickness_um && expected.material == usual && model.sensor_thickness_um > 0)
        expected.thickness_um = model.sensor_thickness_um;
    return expected;
}

/// The calibration was made with the same sensor.
void check_sensor_of_file(Section const& section, Sensor const& sensor, std::optional<PoniFile> const& file) {
    auto const contradicts = [&](std::string const& key, std::string const& configured, std::string const& stated) {
        return section.refuse(key, configured + " contradicts the .poni file", "that says " + stated, "correct the one that is wrong");
    };
    if (!file) return;
    if (file->sensor_material && *file->sensor_material != sensor.material)
        throw contradicts("material", sensor.material, *file->sensor_material);
    if (file->sensor_thickness_um && std::abs(sensor.thickness_um / *file->sensor_thickness_um - 1) > written_tolerance)
        throw contradicts("thickness_um", render(sensor.thickness_um) + " um", render(*file->sensor_thickness_um) + " um");
}

std::optional<Sensor> read_sensor(Document& document, DetectorModel const& model, std::optional<PoniFile> const& file) {
    Section const section(document, "detector.sensor");
    bool const configured = document.find("detector.sensor") != nullptr;
    auto const expected = expected_sensor(model, file);
    if (configured && section.is_none()) return std::nullopt;
    if (!configured && !expected.material) {
        document.record("detector.sensor", "none");
        return std::nullopt;
    }
    if (!expected.material && !section.says("material"))
        throw section.refuse("material", "is missing", "not known for this detector", "write Si, CdTe or GaAs");
    Sensor sensor;
    sensor.material = section.choice<char const*>("material", {{"Si", "Si"}, {"CdTe", "CdTe"}, {"GaAs", "GaAs"}}, {}, expected.material);
    if (!expected.thickness_um && !section.says("thickness_um")) {
        throw section.refuse("thickness_um", "is missing", "not known for this detector", "write the thickness in um");
    }
    sensor.thickness_um = section.number("thickness_um", {0, 1e5, "thickness [um]", true}, expected.thickness_um);
    check_sensor_of_file(section, sensor, file);
    return sensor;
}

/// The file was made for these pixels, or it is refused: a geometry of another detector gives wrong angles without a sign of it.
void check_detector_of_file(Section const& geometry, PoniFile const& file, DetectorModel const& model) {
    std::string const suggestion = "correct detector.name, or calibrate with this detector";
    if (file.max_shape && *file.max_shape != std::pair{model.rows, model.cols}) {
        auto const [rows, cols] = *file.max_shape;
        throw geometry.refuse("poni", "is for another detector", shape_disagreement(rows, cols, model.rows, model.cols, model.name),
                              suggestion);
    }
    for (auto const& stated : {file.pixel1_m, file.pixel2_m}) {
        if (stated && std::abs(*stated / model.pixel_m - 1) > written_tolerance) {
            throw geometry.refuse("poni", "is for pixels of " + render(*stated * 1e6) + " um",
                                  std::string(model.name) + " has " + render(model.pixel_m * 1e6) + " um", suggestion);
        }
    }
}

double read_energy(Section const& beam, StatedGeometry const& stated) {
    Limits const limits{1, 1000, "photon energy [keV]"};
    auto const wavelength_m = stated.file ? stated.file->wavelength_m : std::nullopt;
    auto const of_file = wavelength_m ? std::optional(energy_keV(*wavelength_m * 1e10)) : std::nullopt;
    if (!of_file && !beam.says("energy_keV")) {
        throw beam.refuse("energy_keV", "is missing", std::string(stated.name) + " has no wavelength either",
                          "write the photon energy in keV");
    }
    auto const energy = beam.number("energy_keV", limits, of_file);
    if (of_file && std::abs(energy / *of_file - 1) > wavelength_tolerance) {
        throw beam.refuse("energy_keV", render(energy) + " keV is " + render(wavelength_A(energy)) + " A",
                          "the .poni file says " + render(*wavelength_m * 1e10) + " A, " + render(*of_file) + " keV",
                          "correct the one that is wrong");
    }
    return energy;
}

/// Of a calibration that was made with it.
std::optional<Parallax> parallax_of(Section const& geometry, StatedGeometry const& stated, std::optional<Sensor> const& sensor,
                                    double energy) {
    if (!stated.file || !stated.file->parallax) return std::nullopt;
    if (!sensor)
        throw geometry.refuse("poni", "was calibrated with parallax, which cannot be applied", "detector.sensor is none",
                              "describe the sensor");
    return Parallax{sensor->material, sensor->thickness_um * 1e-6, sensor_attenuation_per_cm(sensor->material, energy) * 100};
}

Geometry make_geometry(StatedGeometry const& stated, DetectorModel const& model, double energy) {
    Geometry g;
    g.pixel1_m = g.pixel2_m = model.pixel_m;
    g.rows = model.rows;
    g.cols = model.cols;
    g.wavelength_A = wavelength_A(energy);
    if (stated.fit2d) return with_fit2d(g, *stated.fit2d);
    g.distance_m = stated.file->distance_m;
    g.poni1_m = stated.file->poni1_m;
    g.poni2_m = stated.file->poni2_m;
    g.rot1_rad = stated.file->rot1_rad;
    g.rot2_rad = stated.file->rot2_rad;
    g.rot3_rad = stated.file->rot3_rad;
    g.orientation = stated.file->orientation;
    return g;
}

} // namespace

DetectorModel const& read_geometry(Document& document, Config& config) {
    Section const geometry(document, "geometry"), detector(document, "detector"), beam(document, "beam");
    auto const stated = read_stated(document, geometry, config.poni_file);
    auto const& model = read_model(detector, stated);
    config.detector.name = model.name;
    document.record("detector.name", render(config.detector.name)); // one spelling for one detector
    config.detector.sensor = read_sensor(document, model, stated.file);
    config.detector.threshold_keV = detector.number_or("threshold_keV", "auto", {0, 1000, "threshold [keV]", true});
    if (stated.file) {
        check_detector_of_file(geometry, *stated.file, model);
        config.orientation_stated = stated.file->states_orientation;
        config.unused_settings = stated.file->unused;
    }
    config.energy_keV = read_energy(beam, stated);
    config.reduction.energy_sigma_keV = beam.number("energy_sigma_eV", {0, 1e5, "uncertainty [eV]"}) * 1e-3;
    if (config.detector.threshold_keV && *config.detector.threshold_keV >= config.energy_keV) {
        throw detector.refuse("threshold_keV", render(*config.detector.threshold_keV) + " keV counts nothing",
                              "the beam has " + render(config.energy_keV) + " keV", "half the beam's energy is usual");
    }
    config.integration.polarization_offset_deg = beam.number("polarization_offset_deg", {-180, 180, "angle [degrees]"});
    config.integration.polarization_factor = beam.number_or("polarization_factor", "none", {-1, 1, "polarisation factor"});
    config.geometry = make_geometry(stated, model, config.energy_keV);
    config.geometry.parallax = parallax_of(geometry, stated, config.detector.sensor, config.energy_keV);
    return model;
}

} // namespace sqd
