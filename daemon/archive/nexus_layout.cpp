// /entry: what was measured, with what, when; and which curve opens first.
#include "daemon/archive/nexus_layout.hpp"

#include "daemon/archive/archive_schema.hpp"
#include "daemon/publish/result_message.hpp"
#include "pipeline/core/units.hpp"

#include <array>
#include <charconv>
#include <numbers>

namespace sqd {

namespace {

/// Whoever opens the file sees S(q), or the pattern where there is none.
char const* default_step(ReducedCurves const& curves) {
    return curves.sq ? "structure_factor" : "azimuthal_integration";
}

/// All numbers of a .poni file under pyFAI's names, in its units.
void write_detector(NexusGroup const& instrument, ReducedResult const& result) {
    Geometry const& g = result.geometry;
    NexusGroup const detector = instrument.group("detector", "NXdetector");
    detector.text("description", result.detector);
    detector.number("distance", g.distance_m, {"m", "sample to the point of normal incidence"});
    detector.number("poni1", g.poni1_m, {"m", "point of normal incidence, slow"});
    detector.number("poni2", g.poni2_m, {"m", "point of normal incidence, fast"});
    detector.number("rot1", g.rot1_rad, {"rad", "first rotation"});
    detector.number("rot2", g.rot2_rad, {"rad", "second rotation"});
    detector.number("rot3", g.rot3_rad, {"rad", "third rotation"});
    detector.number("x_pixel_size", g.pixel2_m, {"m", "pixel size, fast"});
    detector.number("y_pixel_size", g.pixel1_m, {"m", "pixel size, slow"});
    detector.counts("shape", {g.rows, g.cols}, {"", "pixels [slow, fast]"});
    detector.integer("orientation", g.orientation);
    detector.flag("parallax_applied", g.parallax.has_value());
    if (g.parallax) {
        detector.text("sensor_material", g.parallax->material);
        detector.number("sensor_thickness", g.parallax->thickness_m, {"m", "thickness of the sensor"});
    }
}

void write_instrument(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const instrument = entry.group("instrument", "NXinstrument");
    instrument.group("source", "NXsource").text("probe", "x-ray");
    NexusGroup const monochromator = instrument.group("monochromator", "NXmonochromator");
    if (double const wavelength = result.geometry.wavelength_A; wavelength > 0) {
        monochromator.number("energy", energy_keV(wavelength), {"keV", "photon energy"});
        monochromator.number("wavelength", wavelength, {"angstrom", "wavelength"});
    }
    NexusGroup const attenuator = instrument.group("attenuator", "NXattenuator");
    attenuator.number("attenuator_transmission", result.attenuation, {"", "incident beam over the full one"});
    write_detector(instrument, result);
}

void write_grid(NexusGroup const& sample, MapGrid const& grid) {
    NexusGroup const group = sample.group("grid", "NXcollection");
    group.count("rows", grid.rows);
    group.count("cols", grid.cols);
    group.values("pitch", grid.pitch_um, {"um", "pitch [slow, fast]"});
    group.flag("snake", grid.snake);
}

/// "Zr0.468 Ti0.082": atomic fractions, whatever the composition was written as.
std::string chemical_formula(Composition const& composition) {
    std::string out;
    for (ElementFraction const& element : composition.elements) {
        std::array<char, 32> fraction{};
        constexpr int digits = 6;
        auto const end =
            std::to_chars(fraction.data(), fraction.data() + fraction.size(), element.fraction, std::chars_format::general, digits).ptr;
        out += (out.empty() ? "" : " ") + element.symbol + std::string(fraction.data(), end);
    }
    return out;
}

/// What the reduction took the material to be.
void write_material(NexusGroup const& group, Sample const& sample) {
    group.text("composition", sample.composition.text);
    group.text("chemical_formula", chemical_formula(sample.composition));
    if (sample.density_g_cm3) group.number("density", *sample.density_g_cm3, {"g/cm^3", "density"});
    bool const plate = sample.shape == SampleShape::plate;
    group.number("thickness", sample.thickness_um, {"um", plate ? "thickness along the plate's normal" : "diameter of the cylinder"});
    group.number("thickness_sigma", sample.thickness_sigma_um, {"um", "1 sigma"});
    group.text("shape", name(sample.shape));
    constexpr double degree = std::numbers::pi / 180;
    if (plate) group.number("tilt", sample.tilt_rad / degree, {"deg", "of the plate's normal to the beam"});
    if (plate) group.number("tilt_azimuth", sample.tilt_azimuth_rad / degree, {"deg", "chi of the direction it is tilted to"});
    group.flag("self_absorption", sample.self_absorption);
    if (sample.transmission) group.number("transmission_measured", *sample.transmission, {"", "as configured or announced"});
    if (sample.transmission) group.number("transmission_measured_sigma", sample.transmission_sigma, {"", "1 sigma"});
}

void write_sample(NexusGroup const& entry, ReducedResult const& result) {
    ScanIdentity const& scan = result.scan;
    NexusGroup const sample = entry.group("sample", "NXsample");
    sample.text("name", scan.id);
    sample.text("role", name(scan.role));
    sample.text("mount", scan.mount);
    write_material(sample, result.sample);
    // Air and calibrants are reduced with the configured sample at hand, which is not in the beam then.
    if (scan.role == Role::sample && result.curves.transmission)
        sample.number("transmission", *result.curves.transmission, {"", "transmission as it stands in the beam"});
    if (scan.grid) write_grid(sample, *scan.grid);
    NexusGroup const parameters = sample.group("parameters", "NXcollection");
    std::vector<std::string> names;
    std::vector<double> values;
    for (auto const& [key, value] : scan.parameters) {
        names.push_back(key);
        values.push_back(value);
    }
    parameters.texts("name", names); // names are free text and may hold a slash: two columns, not one field each
    parameters.values("value", values);
}

} // namespace

void write_nexus(NexusGroup const& root, ReducedResult const& result, std::string const& effective_config,
                 std::string const& detector_file) {
    root.attribute("NX_class", "NXroot");
    root.attribute("default", "entry");
    root.attribute("creator", "sqd");
    root.attribute("creator_version", result.provenance.version);
    root.attribute("schema", archive_schema);
    NexusGroup const entry = root.group("entry", "NXentry");
    entry.attribute("default", default_step(result.curves));
    entry.text("title", result.scan.id + " (" + name(result.scan.role) + ")");
    entry.text("entry_identifier_uuid", result.scan.uid);
    if (result.time.first_frame_ns != 0) entry.text("start_time", iso_time(result.time.first_frame_ns));
    if (result.time.last_frame_ns != 0) entry.text("end_time", iso_time(result.time.last_frame_ns));
    write_instrument(entry, result);
    write_sample(entry, result);
    write_steps(entry, result);
    write_findings(entry, result);
    write_uncertainty(entry, result);
    if (result.comparison) write_comparison(entry, *result.comparison);
    write_frames(entry, result);
    if (!detector_file.empty()) write_detector_file(entry, detector_file);
    write_provenance(entry, result, effective_config);
}

} // namespace sqd
