// NexusArchive's fields, group by group as nexus_layout.cpp, nexus_frames.cpp and their kin write them.
#include "daemon/archive/read_archive.hpp"

#include "daemon/archive/archive_group.hpp"
#include "daemon/archive/archive_schema.hpp"
#include "daemon/archive/read_curves.hpp"
#include "daemon/archive/read_findings.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/attenuation.hpp"

#include <algorithm>
#include <array>
#include <numbers>
#include <numeric>

namespace sqd {

namespace {

constexpr double degree = std::numbers::pi / 180;

ResultState state_named(std::string const& text) {
    for (ResultState const state : {ResultState::partial, ResultState::aborted})
        if (name(state) == text) return state;
    return ResultState::final;
}

/// Two columns, since names are free text.
std::map<std::string, double> parameters(ArchiveGroup const& in) {
    std::map<std::string, double> out;
    auto const names = in.texts("name");
    auto const values = in.values_or_none("value", names.size());
    for (std::size_t i = 0; i < values.size(); ++i) out[names[i]] = values[i];
    return out;
}

std::optional<MapGrid> grid(ArchiveGroup const& in) {
    if (!in.there()) return std::nullopt;
    MapGrid out{in.count("rows"), in.count("cols"), in.axis_or_none("pitch"), in.flag("snake")};
    if (out.rows == 0 || out.cols == 0) throw DecodeError(DecodeFault::corrupt, in.group + ": a map without rows or columns");
    return out;
}

ScanIdentity scan(ArchiveGroup const& entry) {
    ArchiveGroup const sample = entry.inside("sample"), provenance = entry.inside("provenance");
    ScanIdentity out;
    out.uid = entry.text("entry_identifier_uuid"), out.id = sample.text("name"), out.mount = sample.text("mount");
    out.role = parse_role(sample.text("role")).value_or(Role::sample);
    out.series_id = provenance.count("series_id"), out.series_unique_id = provenance.text("series_unique_id");
    out.grid = grid(sample.inside("grid"));
    out.parameters = parameters(sample.inside("parameters"));
    return out;
}

Geometry geometry(ArchiveGroup const& instrument) {
    ArchiveGroup const in = instrument.inside("detector");
    Geometry g;
    g.distance_m = in.part("distance"), g.poni1_m = in.part("poni1"), g.poni2_m = in.part("poni2");
    g.rot1_rad = in.part("rot1"), g.rot2_rad = in.part("rot2"), g.rot3_rad = in.part("rot3");
    g.pixel1_m = in.part("y_pixel_size"), g.pixel2_m = in.part("x_pixel_size");
    if (auto const shape = in.values_or_none("shape", 2); !shape.empty())
        g.rows = static_cast<std::size_t>(shape[0]), g.cols = static_cast<std::size_t>(shape[1]);
    if (in.has("orientation")) g.orientation = static_cast<int>(in.count("orientation"));
    g.wavelength_A = instrument.inside("monochromator").part("wavelength");
    if (std::string const material = in.text("sensor_material"); !material.empty() && g.wavelength_A > 0)
        g.parallax = Parallax{material, in.part("sensor_thickness"), sensor_attenuation_per_cm(material, energy_keV(g.wavelength_A)) * 100};
    return g;
}

Sample sample(ArchiveGroup const& in) {
    Sample out;
    if (std::string const text = in.text("composition"); !text.empty()) out.composition = parse_composition(text);
    out.density_g_cm3 = in.number_if_any("density");
    out.thickness_um = in.part("thickness"), out.thickness_sigma_um = in.part("thickness_sigma");
    out.transmission = in.number_if_any("transmission_measured"), out.transmission_sigma = in.part("transmission_measured_sigma");
    if (in.text("shape") == name(SampleShape::cylinder)) out.shape = SampleShape::cylinder;
    out.tilt_rad = in.part("tilt") * degree, out.tilt_azimuth_rad = in.part("tilt_azimuth") * degree;
    out.self_absorption = in.flag("self_absorption");
    return out;
}

/// What was applied to pixels; the masks as the one text that they were written as.
IntegrationNote integration(ArchiveGroup const& in, Provenance const& provenance) {
    IntegrationNote how{in.text("pixel_splitting"), in.text("average"), in.text("error_model"), {}, std::nullopt};
    if (std::string const masks = in.text("mask"); !masks.empty()) how.masks.push_back(masks);
    if (applied(provenance, "polarization")) how.polarization_factor = in.number_if_any("polarization_factor");
    return how;
}

Provenance provenance(ArchiveGroup const& entry) {
    ArchiveGroup const in = entry.inside("provenance");
    Provenance p{in.text("version"),     in.text("config_sha256"),  in.text("geometry_sha256"),
                 in.text("mask_sha256"), in.text("background_uid"), in.texts("corrections")};
    p.integration = integration(entry.inside("azint1d/reduction/input"), p);
    return p;
}

FrameAccounting frames(ArchiveGroup const& in) {
    FrameAccounting out{in.count("expected"),
                        in.count("received"),
                        in.count("used"),
                        in.count("rejected"),
                        in.count("missing"),
                        in.count("pending"),
                        in.count("duplicate"),
                        {},
                        {}};
    ArchiveGroup const by = in.inside("rejected_by");
    auto const reasons = by.texts("reason");
    auto const counts = by.values_or_none("frames", reasons.size());
    for (std::size_t i = 0; i < counts.size(); ++i) out.rejected_by[reasons[i]] = static_cast<std::uint64_t>(counts[i]);
    return out;
}

/// The archive has the quotient and the divisor.
void restore_counts(Pattern1D& p) {
    for (std::size_t i = 0; i < p.norm.size(); ++i) p.counts.push_back(p.norm[i] > 0 ? p.intensity[i] * p.norm[i] : 0);
}

void read_background(ArchiveGroup const& step, ReducedCurves& out) {
    if (!step.there()) return;
    if (step.has("data")) out.net = read_pattern(step.inside("data"));
    if (step.has("background")) out.background = read_pattern(step.inside("background"));
    ArchiveGroup const parameters = step.inside("parameters");
    out.background_scale = parameters.part("scale"), out.background_scale_sigma = parameters.part("scale_sigma");
    out.background_scale_low = parameters.part("scale_low"), out.background_scale_high = parameters.part("scale_high");
}

ReducedCurves curves(ArchiveGroup const& entry) {
    ReducedCurves out;
    if (entry.has("azimuthal_integration")) out.pattern = read_pattern(entry.inside("azimuthal_integration/data"));
    restore_counts(out.pattern);
    read_background(entry.inside("background_subtraction"), out);
    if (entry.has("structure_factor")) out.sq = read_structure_factor(entry.inside("structure_factor"));
    if (entry.has("fsdp")) out.fsdp = read_fsdp(entry.inside("fsdp"));
    if (entry.has("fsdp/on_pattern")) out.fsdp_on_pattern = read_peak(entry.inside("fsdp/on_pattern"));
    if (entry.has("pair_distribution")) out.gr = read_pair_distribution(entry.inside("pair_distribution"));
    if (entry.has("ad_hoc")) out.ad_hoc = read_ad_hoc(entry.inside("ad_hoc"));
    out.transmission = entry.inside("sample").number_if_any("transmission");
    out.flags = entry.inside("provenance").texts("flags");
    return out;
}

/// The peaks of the map, each to its frame.
std::vector<PointPeak> peaks(ArchiveGroup const& map, MapGrid const& grid, std::vector<std::uint64_t> const& numbers) {
    constexpr std::array<std::pair<char const*, double PointPeak::*>, 5> columns{{{"q1", &PointPeak::q1},
                                                                                  {"q1_errors", &PointPeak::q1_sigma},
                                                                                  {"fwhm", &PointPeak::fwhm},
                                                                                  {"fwhm_errors", &PointPeak::fwhm_sigma},
                                                                                  {"chi2_reduced", &PointPeak::chi2_reduced}}};
    std::vector<PointPeak> out(numbers.size(), no_point_peak);
    for (auto const& [name, member] : columns) {
        auto const table = find_table(map.file, map.group + "/" + name);
        if (!table || table->rows != grid.rows || table->cols != grid.cols)
            throw DecodeError(DecodeFault::corrupt, map.group + "/" + name + ": not a table of the map's shape");
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (std::uint64_t const at = grid.place(numbers[i]); at < table->size()) out[i].*member = table->pixels[at];
    }
    return out;
}

void read_points(ArchiveGroup const& entry, ArchivedResult& out) {
    ArchiveGroup const in = entry.inside("frames/points");
    if (!in.there()) return;
    PointTable table;
    for (double const number : in.axis_or_none("number")) table.number.push_back(static_cast<std::uint64_t>(number));
    std::size_t const points = table.number.size();
    table.reason = in.texts("reason");
    table.exposure_s = in.values("exposure", points), table.monitor = in.values("monitor", points);
    for (double const frames : in.axis_or_none("frames")) table.frames.push_back(static_cast<std::uint64_t>(frames));
    for (double const number : in.axis_or_none("frame_numbers")) table.frame_numbers.push_back(static_cast<std::uint64_t>(number));
    bool const frames_fit = (table.frames.empty() || table.frames.size() == points) &&
                            std::accumulate(table.frames.begin(), table.frames.end(), std::uint64_t{0}) == table.frame_numbers.size();
    out.point_counts = find_row_sums(in.file, in.group + "/bin_counts").value_or(std::vector<double>{});
    if (table.reason.size() != points || out.point_counts.size() != points || !frames_fit)
        throw DecodeError(DecodeFault::corrupt, in.group + ": columns of different lengths");
    if (out.result.scan.grid && entry.has("fsdp/map")) table.peaks = peaks(entry.inside("fsdp/map"), *out.result.scan.grid, table.number);
    out.result.points = std::make_shared<PointTable const>(std::move(table));
}

void refuse_other_layouts(hid_t file) {
    std::string const schema = find_text_attribute(file, "/", "schema").value_or(archive_schema);
    if (schema.starts_with(readable_archives)) return;
    throw DecodeError(DecodeFault::unsupported, "its layout '" + schema + "' is not known to sqd " SQD_VERSION " (it was written by sqd " +
                                                    find_text_attribute(file, "/", "creator_version").value_or("?") +
                                                    ") read it with that version or a later one");
}

} // namespace

ArchivedResult read_archive(std::filesystem::path const& path, ArchiveParts parts) {
    Hdf5Handle const file = open_hdf5(path);
    ArchiveGroup const entry{file.id(), "/entry"};
    if (find_text_attribute(file.id(), "/", "creator") != "sqd" || !entry.there())
        throw DecodeError(DecodeFault::unsupported,
                          "no archive of sqd (other programs' files are not read) give a .nxs file of an archive");
    refuse_other_layouts(file.id());
    ArchivedResult out;
    ReducedResult& r = out.result;
    ArchiveGroup const instrument = entry.inside("instrument"), of = entry.inside("provenance");
    r.scan = scan(entry);
    r.result = of.count("result"), r.state = state_named(of.text("state")), r.durable = of.flag("durable");
    r.frames = frames(entry.inside("frames"));
    r.time = {static_cast<std::int64_t>(of.count("first_frame_ns")), static_cast<std::int64_t>(of.count("last_frame_ns")),
              static_cast<std::int64_t>(of.count("reduced_ns")), of.part("latency")};
    r.provenance = provenance(entry);
    r.geometry = geometry(instrument);
    r.detector = instrument.text("detector/description");
    r.attenuation = instrument.number_if_any("attenuator/attenuator_transmission").value_or(1);
    r.sample = sample(entry.inside("sample"));
    r.curves = curves(entry);
    out.advice = entry.text("uncertainty/advice/sentence"), out.comparison = entry.text("comparison/sentence");
    if (parts == ArchiveParts::curves) return out;
    if (ArchiveGroup const findings = entry.inside("findings"); findings.there()) r.findings = read_findings(findings), out.findings = true;
    read_points(entry, out);
    return out;
}

} // namespace sqd
