// The pattern and the cake as the application definitions NXazint1d and NXazint2d see them: their own few fields, and links to what is
// there already.
#include "config/poni_text.hpp"
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/archive/nexus_parts.hpp"

namespace sqd {

namespace {

constexpr char const* reference =
    "J. Kieffer and D. Karkoulis (2013), J. Phys. Conf. Ser. 425, 202012 (geometry); NXazint1d, NXazint2d of the NeXus definitions";
constexpr char const* note = "Azimuth is 0 along the horizontal axis of the geometry and grows towards the vertical one, upwards, as in "
                             "pyFAI. I = sum of counts / norm.";

void write_reduction(NexusGroup const& subentry, ReducedResult const& result, std::size_t azimuth_bins) {
    IntegrationNote const& how = result.provenance.integration;
    NexusGroup const reduction = subentry.group("reduction", "NXprocess");
    write_program(reduction, result);
    reduction.text("reference", reference);
    reduction.text("note", note);
    NexusGroup const input = reduction.group("input", "NXparameters");
    input.text("poni", poni_text(result.geometry));
    input.text("mask", text_of_masks(how));
    input.number("wavelength", result.geometry.wavelength_A, {"angstrom", "wavelength"});
    input.text("pixel_splitting", how.split);
    input.text("average", how.average);
    input.count("radial_bins", result.curves.pattern.radial.size());
    input.count("azimuth_bins", azimuth_bins);
    input.text("unit", name(result.curves.pattern.unit));
    input.flag("solid_angle", applied(result.provenance, "solid_angle"));
    input.number("polarization_factor", how.polarization_factor.value_or(0));
    input.text("error_model", how.error_model);
}

NexusGroup subentry(NexusGroup const& entry, std::string const& name, std::string const& definition, ReducedResult const& result) {
    NexusGroup azint = entry.group(name, "NXsubentry");
    azint.attribute("default", "data");
    azint.text("definition", definition);
    azint.flag("solid_angle_applied", applied(result.provenance, "solid_angle"));
    azint.flag("polarization_applied", applied(result.provenance, "polarization"));
    azint.flag("normalization_applied", true);
    azint.flag("monitor_applied", applied(result.provenance, "monitor"));
    azint.link("instrument", "/entry/instrument");
    return azint;
}

} // namespace

void write_azint1d(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const azint = subentry(entry, "azint1d", "NXazint1d", result);
    write_reduction(azint, result, 1);
    azint.link("data", "/entry/azimuthal_integration/data");
}

void write_azint2d(NexusGroup const& entry, std::int64_t index, ReducedResult const& result) {
    Cake const& cake = *result.curves.cake;
    NexusGroup const data = step(entry, "azimuthal_integration_2d", index, result).group("data", "NXdata");
    data.attribute("signal", "I");
    data.attribute("axes", std::vector<std::string>{"azimuthal_axis", "radial_axis"});
    data.attribute("interpretation", "image");
    data.text("title", "I(chi, q) of " + result.scan.id);
    data.values("radial_axis", cake.radial.centres(), radial_label(cake.unit));
    data.values("radial_axis_edges", cake.radial.edges(), radial_label(cake.unit));
    data.text("radial_unit", name(cake.unit));
    data.values("azimuthal_axis", cake.chi_deg.centres(), {"degrees", "azimuth (deg)"});
    data.values("azimuthal_axis_edges", cake.chi_deg.edges(), {"degrees", "azimuth (deg)"});
    data.table("I", cake.intensity, {"counts/s", "I (counts per norm, monitor and s)"});
    data.table("I_errors", cake.sigma, {"counts/s", "statistical, 1 sigma"});
    data.table("norm", cake.norm, {"", "norm that the summed counts were divided by"});
    data.table("pixels", cake.count, {"", "pixels per cell"});
    NexusGroup const azint = subentry(entry, "azint2d", "NXazint2d", result);
    write_reduction(azint, result, cake.chi_deg.size());
    azint.link("data", "/entry/azimuthal_integration_2d/data");
}

} // namespace sqd
