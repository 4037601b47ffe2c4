// /entry: what was measured, with what, when; and which curve opens first.
#include "daemon/archive/nexus_layout.hpp"

#include "daemon/publish/result_message.hpp"
#include "pipeline/core/units.hpp"

namespace sqd {

namespace {

/// Whoever opens the file sees S(q), or the pattern where there is none.
char const* default_step(ReducedCurves const& curves) {
    return curves.sq ? "structure_factor" : "azimuthal_integration";
}

void write_instrument(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const instrument = entry.group("instrument", "NXinstrument");
    instrument.group("source", "NXsource").text("probe", "x-ray");
    NexusGroup const monochromator = instrument.group("monochromator", "NXmonochromator");
    monochromator.number("energy", result.energy_keV, {"keV", "photon energy"});
    if (result.energy_keV > 0) monochromator.number("wavelength", wavelength_A(result.energy_keV), {"angstrom", "wavelength"});
    NexusGroup const detector = instrument.group("detector", "NXdetector");
    detector.text("description", result.detector);
    detector.number("distance", result.distance_m, {"m", "sample to the point of normal incidence"});
}

void write_grid(NexusGroup const& sample, MapGrid const& grid) {
    NexusGroup const group = sample.group("grid", "NXcollection");
    group.count("rows", grid.rows);
    group.count("cols", grid.cols);
    group.values("pitch", grid.pitch_um, {"um", "pitch [slow, fast]"});
    group.flag("snake", grid.snake);
}

void write_sample(NexusGroup const& entry, ReducedResult const& result) {
    ScanIdentity const& scan = result.scan;
    NexusGroup const sample = entry.group("sample", "NXsample");
    sample.text("name", scan.id);
    sample.text("role", name(scan.role));
    sample.text("mount", scan.mount);
    if (result.curves.transmission) sample.number("transmission", *result.curves.transmission, {"", "transmission at normal incidence"});
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

void write_nexus(NexusGroup const& root, ReducedResult const& result, std::string const& effective_config) {
    root.attribute("NX_class", "NXroot");
    root.attribute("default", "entry");
    root.attribute("creator", "sqd");
    root.attribute("creator_version", result.provenance.version);
    NexusGroup const entry = root.group("entry", "NXentry");
    entry.attribute("default", default_step(result.curves));
    entry.text("title", result.scan.id + " (" + name(result.scan.role) + ")");
    entry.text("entry_identifier_uuid", result.scan.uid);
    if (result.time.first_frame_ns != 0) entry.text("start_time", iso_time(result.time.first_frame_ns));
    if (result.time.last_frame_ns != 0) entry.text("end_time", iso_time(result.time.last_frame_ns));
    write_instrument(entry, result);
    write_sample(entry, result);
    write_steps(entry, result);
    write_frames(entry, result);
    write_provenance(entry, result, effective_config);
}

} // namespace sqd
