// What the images said of the instrument, and of crystals in the beam.
#include "daemon/archive/nexus_layout.hpp"

#include <functional>

namespace sqd {

namespace {

template <class Item, class Value>
std::vector<double> column(std::vector<Item> const& items, Value const& value) {
    std::vector<double> out;
    for (auto const& item : items) out.push_back(static_cast<double>(std::invoke(value, item)));
    return out;
}

template <class Item, class Value>
std::vector<std::uint64_t> whole_column(std::vector<Item> const& items, Value const& value) {
    std::vector<std::uint64_t> out;
    for (auto const& item : items) out.push_back(static_cast<std::uint64_t>(std::invoke(value, item)));
    return out;
}

void write_hot_pixels(NexusGroup const& parent, std::vector<HotPixel> const& pixels) {
    NexusGroup const group = parent.group("hot_pixels", "NXcollection");
    group.counts("row", whole_column(pixels, &HotPixel::row));
    group.counts("col", whole_column(pixels, &HotPixel::col));
    group.counts("counts", whole_column(pixels, &HotPixel::counts), {"counts", "summed over the scan"});
    group.values("expected", column(pixels, &HotPixel::expected), {"counts", "at the rate of the others of its ring"});
}

void write_lines(NexusGroup const& parent, std::vector<BraggLine> const& lines) {
    NexusGroup const group = parent.group("bragg_lines", "NXcollection");
    group.values("q", column(lines, &BraggLine::q_invA), {"1/angstrom", "q (1/A)"});
    group.values("width", column(lines, &BraggLine::width_invA), {"1/angstrom", "of the bins that stand out"});
    group.values("variance_excess", column(lines, &BraggLine::variance_excess));
    group.values("intensity_excess", column(lines, &BraggLine::intensity_excess));
    group.values("significance", column(lines, &BraggLine::significance), {"", "in normal sigmas"});
    std::vector<std::string> phases;
    for (auto const& line : lines) phases.push_back(line.phase);
    group.texts("phase", phases);
}

void write_measured(NexusGroup const& group, std::string const& name, Measured const& value, FieldLabel const& label) {
    group.number(name, value.value, label);
    group.number(name + "_errors", value.sigma, label);
}

void write_shift(NexusGroup const& parent, std::string const& name, GeometryShift const& shift) {
    NexusGroup const group = parent.group(name, "NXcollection");
    write_measured(group, "distance", shift.distance_m, {"m", "to be added to the distance"});
    write_measured(group, "poni1", shift.poni1_m, {"m", "to be added to poni1"});
    write_measured(group, "poni2", shift.poni2_m, {"m", "to be added to poni2"});
    if (shift.rot1_rad) write_measured(group, "rot1", *shift.rot1_rad, {"rad", "to be added to rot1"});
    if (shift.rot2_rad) write_measured(group, "rot2", *shift.rot2_rad, {"rad", "to be added to rot2"});
    group.number("chi2", shift.chi2);
    group.count("degrees_of_freedom", shift.degrees_of_freedom);
    group.number("scatter", shift.scatter_px, {"pixel", "of the sectors, beyond counting"});
}

void write_calibration(NexusGroup const& parent, CalibrationCheck const& check) {
    NexusGroup const group = parent.group("calibration", "NXcollection");
    group.text("calibrant", check.calibrant);
    group.text("verdict", name(check.verdict));
    group.count("sectors", check.sectors);
    if (check.shift) {
        write_shift(group, "shift", *check.shift);
        write_measured(group, "relative_q", check.relative_q, {"", "(true q - q in force) / q at the first sharp peak"});
    }
    if (check.tilted) write_shift(group, "shift_with_tilt", *check.tilted);
    NexusGroup const rings = group.group("rings", "NXcollection");
    std::vector<std::string> hkl;
    std::vector<double> q, sigma;
    for (auto const& ring : check.rings) {
        hkl.push_back(std::to_string(ring.hkl[0]) + ' ' + std::to_string(ring.hkl[1]) + ' ' + std::to_string(ring.hkl[2]));
        q.push_back(ring.q_invA.value);
        sigma.push_back(ring.q_invA.sigma);
    }
    rings.texts("hkl", hkl);
    rings.values("q_theory", column(check.rings, &RingFound::q_theory_invA), {"1/angstrom", "q of the lattice"});
    rings.values("q", q, {"1/angstrom", "q in the geometry in force"});
    rings.values("q_errors", sigma, {"1/angstrom", "1 sigma"});
    rings.counts("sectors", whole_column(check.rings, &RingFound::sectors));
}

} // namespace

void write_findings(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const group = entry.group("findings", "NXcollection");
    write_hot_pixels(group, result.findings.hot_pixels);
    write_lines(group, result.findings.lines);
    if (result.findings.calibration) write_calibration(group, *result.findings.calibration);
}

} // namespace sqd
