#include "daemon/archive/nexus_parts.hpp"

#include "daemon/publish/result_message.hpp"

namespace sqd {

NexusGroup step(NexusGroup const& entry, std::string const& name, std::int64_t index, ReducedResult const& result,
                std::string const& shown) {
    NexusGroup group = entry.group(name, "NXprocess");
    group.attribute("default", shown);
    group.integer("sequence_index", index);
    write_program(group, result);
    return group;
}

void write_program(NexusGroup const& process, ReducedResult const& result) {
    process.text("program", "sqd");
    process.text("version", result.provenance.version);
    process.text("date", iso_time(result.time.reduced_ns));
}

NexusGroup plot(NexusGroup const& parent, std::string const& name, std::string const& signal, std::string const& axis,
                std::string const& title) {
    NexusGroup group = parent.group(name, "NXdata");
    group.attribute("signal", signal);
    group.attribute("axes", std::vector<std::string>{axis});
    group.attribute("interpretation", "spectrum");
    group.text("title", title);
    return group;
}

FieldLabel radial_label(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return {"1/angstrom", "q (1/A)"};
    case RadialUnit::q_invnm: return {"1/nm", "q (1/nm)"};
    case RadialUnit::two_theta_deg: return {"deg", "2 theta (deg)"};
    case RadialUnit::two_theta_rad: return {"rad", "2 theta (rad)"};
    case RadialUnit::r_mm: return {"mm", "radius (mm)"};
    }
    return {};
}

void write_pattern(NexusGroup const& parent, std::string const& name, Pattern1D const& pattern, std::string const& title) {
    NexusGroup const data = plot(parent, name, "I", "radial_axis", title);
    data.values("radial_axis", pattern.radial, radial_label(pattern.unit));
    if (!pattern.edges.empty()) data.values("radial_axis_edges", pattern.edges, radial_label(pattern.unit));
    data.text("radial_unit", sqd::name(pattern.unit));
    data.values("q", pattern.q_invA, {"1/angstrom", "q (1/A)"});
    data.values("I", pattern.intensity, {"counts/s", "I (counts per norm, monitor and s)"});
    data.values("I_errors", pattern.sigma, {"counts/s", "statistical, 1 sigma"});
    if (!pattern.norm.empty()) data.values("norm", pattern.norm, {"", "norm that the summed counts were divided by"});
    if (!pattern.pixel_std.empty()) data.values("I_std", pattern.pixel_std, {"counts/s", "standard deviation of a pixel about its ring"});
    if (!pattern.correlation.empty())
        data.values("I_correlation", pattern.correlation, {"", "of the error of a bin with that of the next"});
    data.values("pixels", pattern.pixels, {"", "pixels per bin, mean over frames"});
    data.values("polarization", pattern.polarization, {"", "mean polarisation factor divided out; empty = none"});
}

void write_curve_errors(NexusGroup const& parent, CurveErrors const& errors) {
    if (errors.direct.empty()) return;
    NexusGroup const group = parent.group("errors", "NXcollection");
    group.values("sigma", errors.sigma, {"", "of the net intensity, statistical, 1 sigma"});
    group.values("background_sigma", errors.background_sigma, {"", "the part of it that the background has"});
    group.values("correlation", errors.correlation, {"", "of the error of a point with that of the next"});
    group.values("direct", errors.direct, {"", "change with the intensity of the same bin"});
    group.counts("bin", {errors.bin.begin(), errors.bin.end()}, {"", "of the pattern"});
    for (std::size_t i = 0; i < errors.shared.size(); ++i) {
        NexusGroup const shared = group.group("shared" + std::to_string(i + 1), "NXcollection");
        shared.values("effect", errors.shared[i].effect, {"", "change with the parameter"});
        shared.values("response", errors.shared[i].response, {"", "of the parameter to the intensity"});
    }
}

} // namespace sqd
