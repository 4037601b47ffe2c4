#include "daemon/simulate/truth_files.hpp"

#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include <cstdio>
#include <fstream>
#include <functional>

namespace sqd::simulated {

namespace {

using Json = nlohmann::ordered_json;

void write_file(std::filesystem::path const& path, std::function<void(std::ofstream&)> const& write) {
    std::ofstream file(path, std::ios::binary);
    write(file);
    file.close();
    if (!file) throw IoError("cannot write " + path.string() + " (missing folder, no space or no permission) choose another --truth", true);
}

/// NumPy's format 1.0: magic, version, length of a padded header, then the array.
void write_npy(std::filesystem::path const& path, Image<double> const& image) {
    constexpr std::size_t preamble = 10, alignment = 64;
    auto header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(image.rows) + ", " + std::to_string(image.cols) + "), }";
    header.append(alignment - 1 - (preamble + header.size()) % alignment, ' ');
    header += '\n';
    write_file(path, [&](std::ofstream& file) {
        file << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() % 256) << static_cast<char>(header.size() / 256) << header;
        file.write(reinterpret_cast<char const*>(image.pixels.data()), static_cast<std::streamsize>(image.size() * sizeof(double)));
    });
}

/// Inclusive ranges of true.
Json ranges(std::vector<bool> const& flags) {
    Json out = Json::array();
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (!flags[i]) continue;
        auto const first = i;
        while (i + 1 < flags.size() && flags[i + 1]) ++i;
        out.push_back({first, i});
    }
    return out;
}

/// Maximum of S and full width at half of it, by scanning the model itself.
Json peak(GlassStructure const& structure) {
    constexpr double low = 1.5, high = 4.0, step = 1e-4;
    double q_max = low, height = 0;
    for (double q = low; q < high; q += step)
        if (auto const s = structure.s(q); s > height) {
            height = s;
            q_max = q;
        }
    auto left = q_max, right = q_max;
    while (structure.s(left) > height / 2) left -= step;
    while (structure.s(right) > height / 2) right += step;
    return {{"q_max_invA", q_max}, {"height", height}, {"width_at_half_height_invA", right - left}};
}

Json geometry_json(Geometry const& g) {
    return {{"distance_m", g.distance_m},
            {"poni1_m", g.poni1_m},
            {"poni2_m", g.poni2_m},
            {"rot1_rad", g.rot1_rad},
            {"rot2_rad", g.rot2_rad},
            {"rot3_rad", g.rot3_rad},
            {"pixel1_m", g.pixel1_m},
            {"pixel2_m", g.pixel2_m},
            {"rows", g.rows},
            {"cols", g.cols},
            {"orientation", g.orientation}};
}

Json sample_json(Truth const& truth) {
    auto const& s = truth.station.sample;
    Json elements = Json::array();
    for (auto const& e : s.composition.elements) elements.push_back({{"z", e.z}, {"symbol", e.symbol}, {"fraction", e.fraction}});
    return {{"composition", s.composition.text},
            {"elements", elements},
            {"density_g_cm3", s.density_g_cm3},
            {"thickness_um", s.thickness_um},
            {"number_density_A3", truth.glass.structure().number_density_A3()},
            {"absorption_depth", truth.glass.absorption_depth()},
            {"transmission", truth.glass.transmission()}};
}

/// Message by message.
Json delivered_json(Schedule const& delivered) {
    Json out = Json::array();
    for (auto const& sending : delivered) {
        if (sending.what != Sending::What::frame)
            out.push_back(sending.what == Sending::What::start ? "start" : "end");
        else if (sending.harm == Harm::none)
            out.push_back(sending.frame);
        else
            out.push_back({sending.frame, name(sending.harm)});
    }
    return out;
}

Json drawn_json(std::vector<DrawnFrame> const& drawn) {
    Json out = Json::array();
    for (auto const& each : drawn) out.push_back({each.series, each.frame});
    return out;
}

Json scan_json(TruthScan const& scan) {
    auto const on_sample = std::count(scan.plan.on_sample.begin(), scan.plan.on_sample.end(), true);
    Json json = {{"role", name(scan.plan.role)}, {"name", scan.plan.name},        {"series_id", scan.plan.series_id},
                 {"frames", scan.plan.frames},   {"on_sample_frames", on_sample}, {"on_sample", ranges(scan.plan.on_sample)}};
    if (scan.plan.grid) json["grid"] = {scan.plan.grid->rows, scan.plan.grid->cols};
    if (scan.drawn) json["drawn"] = {{"on_sample", drawn_json(scan.drawn->on_sample)}, {"off_sample", drawn_json(scan.drawn->off_sample)}};
    json["sent"] = scan.played ? Json(scan.played->sent) : Json();
    json["dropped"] = scan.played ? Json(scan.played->dropped) : Json();
    if (!scan.dialect.empty()) json["dialect"] = scan.dialect;
    if (scan.faults.empty()) return json;
    json["faults"] = scan.faults;
    json["stolen"] = scan.played ? Json(scan.played->stolen) : Json();
    json["delivered"] = scan.played ? delivered_json(scan.played->delivered) : Json();
    return json;
}

} // namespace

std::string truth_line(Truth const& truth) {
    auto const top = peak(truth.glass.structure());
    char line[200];
    std::snprintf(line, sizeof line, "truth: %s, S(q) has its maximum of %.3f at %.4f 1/A, transmission %.4f, seed %llu",
                  truth.station.sample.composition.text.c_str(), top.at("height").get<double>(), top.at("q_max_invA").get<double>(),
                  truth.glass.transmission(), static_cast<unsigned long long>(truth.seed));
    return line;
}

void write_truth_json(std::filesystem::path const& directory, Truth const& truth) {
    auto const& beam = truth.station.beam;
    Json scans = Json::array(), hot = Json::array(), lines = Json::array();
    for (auto const& scan : truth.scans) scans.push_back(scan_json(scan));
    for (std::size_t i = 0; i < truth.station.pixel_mask.size(); ++i)
        if (truth.station.pixel_mask[i] > 1) hot.push_back({i / truth.station.geometry.cols, i % truth.station.geometry.cols});
    for (auto const& line : truth.glass.lines())
        lines.push_back({{"z", line.line.z}, {"energy_keV", line.line.energy_keV}, {"cross_section_A2", line.line.cross_section_A2}});
    Json const json = {
        {"seed", truth.seed},
        {"flux_per_s", truth.station.flux_per_s},
        {"exposure_s", truth.exposure_s},
        {"energy_keV", beam.energy_keV},
        {"threshold_keV", beam.threshold_keV},
        {"polarization_factor", beam.polarization_factor},
        {"sensor", {{"material", beam.sensor_material}, {"thickness_um", beam.sensor_thickness_um}}},
        {"geometry", geometry_json(truth.station.geometry)},
        {"sample", sample_json(truth)},
        {"air", {{"path_mm", truth.station.sample.air_path_mm}, {"upstream_fraction", truth.station.sample.upstream_fraction}}},
        {"fluorescence_lines", lines},
        {"fsdp_of_s", peak(truth.glass.structure())},
        {"hot_pixels", hot},
        {"scans", scans}};
    write_file(directory / "truth.json", [&](std::ofstream& file) { file << json.dump(1) << '\n'; });
}

void write_truth_curves(std::filesystem::path const& directory, Truth const& truth, ExpectedImages const& one_frame) {
    write_npy(directory / "expected_sample.npy", one_frame.sample);
    write_npy(directory / "expected_background.npy", one_frame.background);
    auto const& structure = truth.glass.structure();
    char line[160];
    write_file(directory / "ideal.txt", [&](std::ofstream& file) {
        constexpr double step = 0.01;
        auto const q_max = largest_q_invA(truth.station.geometry, truth.glass.wavelength_A());
        file << "# q[1/A] S(q) <f^2> <f>^2 Compton (electron units per average atom)\n";
        for (int i = 0; step * i <= q_max; ++i) {
            auto const q = step * i;
            auto const t = truth.glass.material().terms(q);
            std::snprintf(line, sizeof line, "%.2f %.10g %.10g %.10g %.10g\n", q, structure.s(q), t.mean_square, t.square_mean, t.compton);
            file << line;
        }
    });
    write_file(directory / "g_of_r.txt", [&](std::ofstream& file) {
        file << "# r[A] g(r)\n";
        for (int i = 0; structure.r_step_A() * i <= structure.r_max_A(); ++i) {
            auto const r = structure.r_step_A() * i;
            std::snprintf(line, sizeof line, "%.17g %.17g\n", r, structure.g(r));
            file << line;
        }
    });
}

} // namespace sqd::simulated
