// Where the pixels of a frame look: geometry, detector, beam, mask.
#include "config/parts.hpp"
#include "config/poni.hpp"
#include "config/text.hpp"
#include "detectors/descriptions.hpp"
#include "pipeline/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

namespace sqd {

namespace {

constexpr double wavelength_tolerance = 1e-3; ///< relative: 0.003 1/A at the FSDP, and above the last digits people write
constexpr double pixel_tolerance = 1e-6;      ///< relative: rounding in a text file

std::string read_instance(Section const& top) {
    auto const instance = top.text("instance");
    static std::regex const allowed("[A-Za-z0-9_-]+");
    if (!std::regex_match(instance, allowed)) {
        throw top.refuse("instance", '\'' + instance + "' is not a name", "it is part of every topic", "use letters, digits, _ and -");
    }
    return instance;
}

/// Detectors that pyFAI knows stand in a .poni by their name alone.
PoniFile with_known_detector(PoniFile poni) {
    auto const* named = poni.detector ? find_detector(*poni.detector) : nullptr;
    if (named == nullptr) return poni;
    if (!poni.max_shape) poni.max_shape.emplace(named->rows, named->cols);
    if (!poni.pixel1_m) poni.pixel1_m = named->pixel_m;
    if (!poni.pixel2_m) poni.pixel2_m = named->pixel_m;
    return poni;
}

PoniFile read_poni(Section const& geometry, std::string& path) {
    path = geometry.existing_file("poni", geometry.text("poni"));
    return with_known_detector(parse_poni(read_file(path), path));
}

DetectorModel const& read_model(Section const& detector, PoniFile const& poni) {
    auto const from_poni = poni.detector && find_detector(*poni.detector) != nullptr ? poni.detector : std::nullopt;
    if (!from_poni && !detector.says("name")) {
        throw detector.refuse("name", "is missing", "the .poni file names no detector that is known here",
                              "write pyFAI's name, Eiger4M for example");
    }
    auto const name = detector.text("name", from_poni);
    if (auto const* model = find_detector(name)) return *model;
    if (auto const* model = find_detector_by_description(name)) return *model;
    std::vector<std::string> known;
    for (auto const& model : detector_models()) known.emplace_back(model.name);
    auto const near = nearest_name(name, known);
    throw detector.refuse("name", '\'' + name + "' is not known", "known: " + join_or(known),
                          near.empty() ? "write one of these" : "did you mean '" + near + "'?");
}

std::optional<Sensor> read_sensor(Document& document, DetectorModel const& model) {
    Section const sensor(document, "detector.sensor");
    std::string const usual = model.sensor_material;
    if (!document.find("detector.sensor") && usual.empty()) {
        document.record("detector.sensor", "none");
        return std::nullopt;
    }
    if (document.find("detector.sensor") && sensor.is_none()) return std::nullopt;
    Sensor known;
    auto const computed = usual.empty() ? std::nullopt : std::optional(usual);
    if (!computed && !sensor.says("material"))
        throw sensor.refuse("material", "is missing", "not known for this detector", "write Si, CdTe or GaAs");
    known.material = sensor.choice<char const*>("material", {{"Si", "Si"}, {"CdTe", "CdTe"}, {"GaAs", "GaAs"}}, {}, computed);
    Limits const thickness{0, 1e5, "thickness [um]", true};
    if (model.sensor_thickness_um <= 0 && !sensor.says("thickness_um")) {
        throw sensor.refuse("thickness_um", "is missing", "not known for this detector", "write the thickness in um");
    }
    known.thickness_um = sensor.number("thickness_um", thickness, model.sensor_thickness_um);
    return known;
}

/// The .poni was made for these pixels, or it is refused: a geometry of another detector gives wrong angles without a sign of it.
void check_detector_of_poni(Section const& geometry, PoniFile const& poni, DetectorModel const& model) {
    std::string const suggestion = "correct detector.name, or calibrate with this detector";
    if (poni.max_shape && *poni.max_shape != std::pair{model.rows, model.cols}) {
        auto const [rows, cols] = *poni.max_shape;
        throw geometry.refuse("poni", "is for another detector", shape_disagreement(rows, cols, model.rows, model.cols, model.name),
                              suggestion);
    }
    for (auto const& stated : {poni.pixel1_m, poni.pixel2_m}) {
        if (stated && std::abs(*stated / model.pixel_m - 1) > pixel_tolerance) {
            throw geometry.refuse("poni", "is for pixels of " + render(*stated * 1e6) + " um",
                                  std::string(model.name) + " has " + render(model.pixel_m * 1e6) + " um", suggestion);
        }
    }
}

double read_energy(Section const& beam, PoniFile const& poni) {
    Limits const limits{1, 1000, "photon energy [keV]"};
    auto const of_poni = poni.wavelength_m ? std::optional(energy_keV(*poni.wavelength_m * 1e10)) : std::nullopt;
    if (!of_poni && !beam.says("energy_keV")) {
        throw beam.refuse("energy_keV", "is missing", "the .poni file has no wavelength either", "write the photon energy in keV");
    }
    auto const energy = beam.number("energy_keV", limits, of_poni);
    if (of_poni && std::abs(energy / *of_poni - 1) > wavelength_tolerance) {
        throw beam.refuse("energy_keV", render(energy) + " keV is " + render(wavelength_A(energy)) + " A",
                          "the .poni file says " + render(*poni.wavelength_m * 1e10) + " A, " + render(*of_poni) + " keV",
                          "correct the one that is wrong");
    }
    return energy;
}

Geometry make_geometry(PoniFile const& poni, DetectorModel const& model, double energy) {
    Geometry g;
    g.distance_m = poni.distance_m;
    g.poni1_m = poni.poni1_m;
    g.poni2_m = poni.poni2_m;
    g.rot1_rad = poni.rot1_rad;
    g.rot2_rad = poni.rot2_rad;
    g.rot3_rad = poni.rot3_rad;
    g.pixel1_m = g.pixel2_m = model.pixel_m;
    g.rows = model.rows;
    g.cols = model.cols;
    g.wavelength_A = wavelength_A(energy);
    g.orientation = poni.orientation;
    return g;
}

/// `file.h5::/path` names a dataset in a file.
std::string existing_mask(Section const& section, std::string const& name) {
    auto const file = name.substr(0, name.rfind("::"));
    return section.existing_file("files", file) + name.substr(file.size());
}

Mask read_one_mask(Section const& section, std::string const& path, DetectorModel const& model, MaskReader const& read_mask) {
    Mask mask;
    try {
        mask = read_mask(path);
    } catch (DataError const& e) {
        throw section.refuse("files", "'" + path + "' is no mask", e.what(), "config/README.md says what is read");
    }
    if (mask.rows != model.rows || mask.cols != model.cols) {
        throw section.refuse("files", "'" + path + "' is for another detector",
                             shape_disagreement(mask.rows, mask.cols, model.rows, model.cols, model.name),
                             "make the mask on an image of this detector");
    }
    return mask;
}

void read_mask_section(Section const& section, DetectorModel const& model, Config& config, MaskReader const& read_mask) {
    auto const gaps = gap_mask(model);
    Mask files(model.rows, model.cols);
    for (auto const& name : section.texts("files")) {
        auto const path = existing_mask(section, name);
        auto const mask = read_one_mask(section, path, model, read_mask);
        config.mask_files.push_back({path, masked_pixels(mask)});
        files = files | mask;
    }
    config.mask = gaps | files;
    config.masked_by_gaps = masked_pixels(gaps);
    config.masked_by_files = masked_pixels(files);
    if (masked_pixels(config.mask) == config.mask.size()) {
        throw section.refuse("files", "every pixel is masked", "non-zero means masked; masks are never inverted by guess",
                             "invert the mask");
    }
    config.stream_mask = section.flag("stream");
}

void check_image_limit(Section const& source, DetectorModel const& model, SourceConfig const& config) {
    auto const image_bytes = model.rows * model.cols * 4;
    if (config.max_image_bytes < image_bytes) {
        auto const needed = (image_bytes >> 20) + 1;
        throw source.refuse("max_image_MB", "is too small",
                            std::string("a 32-bit image of ") + model.name + " has " + std::to_string(needed) + " MB",
                            "write at least " + std::to_string(needed));
    }
}

} // namespace

void read_input(Document& document, Config& config, MaskReader const& read_mask) {
    Section const source(document, "source"), geometry(document, "geometry"), detector(document, "detector"), beam(document, "beam");
    config.instance = read_instance(Section(document, ""));
    config.source = read_source(document, source);
    auto const poni = read_poni(geometry, config.poni_file);
    auto const& model = read_model(detector, poni);
    config.detector.name = model.name;
    document.record("detector.name", render(config.detector.name)); // one spelling for one detector
    config.detector.sensor = read_sensor(document, model);
    config.detector.threshold_keV = detector.number_or("threshold_keV", "auto", {0, 1000, "threshold [keV]", true});
    check_detector_of_poni(geometry, poni, model);
    config.energy_keV = read_energy(beam, poni);
    if (config.detector.threshold_keV && *config.detector.threshold_keV >= config.energy_keV) {
        throw detector.refuse("threshold_keV", render(*config.detector.threshold_keV) + " keV counts nothing",
                              "the beam has " + render(config.energy_keV) + " keV", "half the beam's energy is usual");
    }
    config.integration.polarization_factor = beam.number_or("polarization_factor", "none", {-1, 1, "polarisation factor"});
    config.geometry = make_geometry(poni, model, config.energy_keV);
    check_image_limit(source, model, config.source);
    read_mask_section(Section(document, "mask"), model, config, read_mask);
}

} // namespace sqd
