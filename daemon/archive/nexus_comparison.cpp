// What differs from the reference that was set while the scan ran.
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/archive/nexus_parts.hpp"
#include "daemon/comparison_words.hpp"

namespace sqd {

namespace {

void write_number(NexusGroup const& parent, Difference const& number) {
    NexusGroup const group = parent.group(number.name, "NXcollection");
    group.number("a", number.a, {number.unit, "of the reference"});
    group.number("b", number.b, {number.unit, "of this scan"});
    group.number("difference", number.value, {number.unit, "b - a"});
    group.number("sigma", number.sigma, {number.unit, "of the difference, by counting"});
    group.number("geometry_sigma", number.geometry_sigma, {number.unit, "of the difference, by the places of two mounts"});
    group.number("significance", number.significance, {"", "over counting"});
    group.number("significance_with_geometry", number.significance_with_geometry, {"", "over both"});
}

void write_curve(NexusGroup const& parent, std::string const& name, CurveDifference const& curve, std::string const& axis,
                 FieldLabel const& axis_label, std::string const& unit) {
    NexusGroup const group = plot(parent, name, "difference", axis, name + " less that of the reference");
    group.values(axis, curve.x, axis_label);
    group.values("difference", curve.difference, {unit, name + " less that of the reference"});
    group.values("difference_errors", curve.sigma, {unit, "statistical, 1 sigma"});
    group.number("degrees", curve.degrees, {"", "of freedom"});
    group.number("chi2", curve.chi2);
    group.number("p_value", curve.p_value, {"", "chance that counting alone does as much"});
    group.number("chi2_with_geometry", curve.chi2_with_geometry);
    group.number("p_value_with_geometry", curve.p_value_with_geometry, {"", "chance that counting and the mounts do as much"});
}

} // namespace

void write_comparison(NexusGroup const& entry, Comparison const& c) {
    NexusGroup const group = entry.group("comparison", "NXcollection");
    group.text("reference_uid", c.reference_uid);
    group.text("reference_id", c.reference_id);
    group.text("refused", c.refused);
    group.text("sentence", words(c));
    if (!c.refused.empty()) return;
    if (c.change) group.text("change", name(*c.change));
    group.flag("one_mount", c.one_mount);
    group.flag("one_background", c.one_background);
    group.texts("left_out", c.left_out);
    group.texts("warnings", c.warnings);
    NexusGroup const numbers = group.group("numbers", "NXcollection");
    for (auto const& number : c.numbers) write_number(numbers, number);
    if (c.s) write_curve(group, "S", *c.s, "q", {"1/angstrom", "q (1/A)"}, "");
    if (c.g) write_curve(group, "G", *c.g, "r", {"angstrom", "r (A)"}, "1/angstrom^2");
}

} // namespace sqd
