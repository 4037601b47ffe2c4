#include "daemon/verbs/init_text.hpp"

#include "config/poni.hpp"
#include "config/reach.hpp"
#include "config/text.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "detectors/descriptions.hpp"
#include "detectors/models.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

namespace sqd {

namespace {

namespace fs = std::filesystem;

std::string absolute(std::string const& path) {
    return fs::absolute(path).lexically_normal().string();
}

std::string names(std::vector<DetectorModel const*> const& models) {
    std::vector<std::string> out;
    for (auto const* model : models) out.emplace_back(model->name);
    return join_or(out);
}

bool has_pixels_of(DetectorModel const& model, PoniFile const& poni) {
    return !poni.pixel1_m || std::abs(*poni.pixel1_m / model.pixel_m - 1) <= 1e-6;
}

/// Which it may be: the models with the calibration's pixels, and the one whose name was nearly written.
std::string choice_of_detectors(std::string const& named, PoniFile const& poni) {
    std::vector<std::string> fitting;
    for (auto const& model : detector_models())
        if (has_pixels_of(model, poni)) fitting.emplace_back(model.name);
    if (auto const near = nearest_name(named, fitting); !near.empty())
        return " (pyFAI's names are known) did you mean --detector " + near + "?";
    std::string const pixels = poni.pixel1_m ? fmt::format(" with its pixels of {:g} um", *poni.pixel1_m * 1e6) : "";
    if (fitting.empty()) return fmt::format(" (no detector{} is known here) another one needs a line in detectors/models.cpp", pixels);
    return fmt::format(" (known{}: {}) say which: --detector {}", pixels, join_or(fitting), fitting.front());
}

/// By the name on the command line, the calibration's, or the only one that has its pixels.
DetectorModel const& model_of(InitRequest const& request, PoniFile const& poni) {
    std::string const named = request.detector.empty() ? poni.detector.value_or("") : request.detector;
    if (auto const* model = find_detector(named)) return *model;
    if (auto const* model = find_detector_by_description(named)) return *model;
    std::string const said =
        named.empty() ? request.poni + ": names no detector" : fmt::format("'{}' is no detector that is known here", printable(named));
    if (!request.detector.empty() || !poni.max_shape) throw DataError(said + choice_of_detectors(named, poni));
    auto fitting = detectors_of_shape(poni.max_shape->first, poni.max_shape->second);
    std::erase_if(fitting, [&](auto const* model) { return !has_pixels_of(*model, poni); });
    if (fitting.size() == 1) return *fitting.front();
    throw DataError(said + (fitting.empty() ? ", and none has its pixels" : " (its pixels are those of " + names(fitting) + ")") +
                    " say it with --detector");
}

Geometry geometry_of(PoniFile const& poni, DetectorModel const& model, double energy) {
    Geometry g{poni.distance_m, poni.poni1_m, poni.poni2_m, poni.rot1_rad, poni.rot2_rad, poni.rot3_rad, model.pixel_m, model.pixel_m};
    g.rows = model.rows, g.cols = model.cols;
    g.wavelength_A = wavelength_A(energy);
    g.orientation = poni.orientation;
    return g;
}

double energy_of(InitRequest const& request, PoniFile const& poni) {
    if (request.energy_keV) return *request.energy_keV;
    if (poni.wavelength_m) return energy_keV(*poni.wavelength_m * 1e10);
    throw DataError(request.poni + ": has no wavelength (the scale of q hangs on it) say --energy in keV");
}

/// What these detectors mostly speak.
std::string usual_source(std::string const& detector) {
    if (detector.starts_with("Eiger2") || detector.starts_with("Pilatus4")) return "dectris_stream2";
    return detector.starts_with("Pilatus") ? "pilatus_stream" : "dectris_stream1";
}

std::string source_section(InitRequest const& request, DetectorModel const& model) {
    std::string const kind = request.source.empty() ? usual_source(model.name) : request.source;
    std::string out = "source:\n  kind: " + kind +
                      "          # dectris_stream1 (Eiger), dectris_stream2 (Eiger2, Pilatus4), pilatus_stream, array_stream, cbf_folder\n";
    if (kind == "cbf_folder")
        return out + "  directory: " + render(absolute(request.from.empty() ? "." : request.from)) +
               "   # where camserver's files appear\n";
    if (request.from.empty()) return out + "  connect: tcp://127.0.0.1:9999     # CHANGE: the address that the detector streams from\n";
    return out + "  connect: " + render(request.from) + "\n";
}

std::string detector_section(DetectorModel const& model, PoniFile const& poni) {
    std::string const material = poni.sensor_material.value_or(model.sensor_material);
    std::string out =
        fmt::format("detector:\n  name: {}   # {} x {} pixels of {:g} um\n", model.name, model.rows, model.cols, model.pixel_m * 1e6);
    if (material.empty())
        out += "  # sensor: {material: CdTe, thickness_um: 1000}   # not known for this detector: its efficiency is left out\n";
    else
        out += fmt::format("  # sensor: {{material: {}, thickness_um: {:g}}}   # as known; correct it where yours differs\n", material,
                           poni.sensor_thickness_um.value_or(model.sensor_thickness_um));
    return out + "  threshold_keV: auto               # as the stream says; it decides which fluorescence lines count\n";
}

/// Bins of q: from a few pixels beside the beam to where corners begin, as wide as a pixel near the beam and never wider than 0.02 1/A.
struct Bins {
    double low, high;
    std::size_t number;
    double step() const { return (high - low) / static_cast<double>(number); }
};

Bins bins_for(Geometry const& g, std::pair<double, double> const& reach) {
    constexpr double beside_px = 5, without_corner = 0.98, widest_invA = 0.018, fewest = 100, most = 4000, digits = 1e3;
    double const pixel = 2 * std::numbers::pi / g.wavelength_A * g.pixel1_m / g.distance_m;
    double const low = std::ceil(std::max(reach.first, beside_px * pixel) * digits) / digits,
                 high = std::floor(reach.second * without_corner * digits) / digits;
    return {low, high, static_cast<std::size_t>(std::clamp(std::floor((high - low) / std::min(pixel, widest_invA)), fewest, most))};
}

/// The usual window where the detector sees it with enough bins.
bool sees_peak(Bins const& bins) {
    constexpr double window_low = 2.2, window_high = 3.1, fewest_bins = 10;
    return bins.low < window_low && bins.high > window_high && (window_high - window_low) / bins.step() > fewest_bins + 1;
}

std::string sample_sections(InitRequest const& request, Bins const& bins) {
    constexpr double worth_transforming_invA = 15;
    bool const known = !request.composition.empty() && request.density_g_cm3, peak = sees_peak(bins);
    std::string out;
    if (known) {
        out += "sample:\n  composition: " + render(request.composition) + "\n" +
               fmt::format("  density_g_cm3: {:g}\n", *request.density_g_cm3);
        out += fmt::format("  thickness_um: {:g}                # 0: no attenuation is corrected\n", request.thickness_um.value_or(0));
        out += "structure_factor: {normalization: kmn}   # S(q), once a background has been measured\n";
    } else {
        out += "# S(q) needs to know the sample: fill in, and take `structure_factor: none` away.\n"
               "# sample: {composition: Zr46.8Ti8.2Cu7.5Ni10Be27.5, density_g_cm3: 6.0, thickness_um: 30}\n"
               "structure_factor: none\n";
    }
    out += "background: {use: latest}           # a scan announced as background, beside the sample; subtracted from those that follow\n";
    if (peak)
        out += fmt::format("fsdp: {{on: {}, window_invA: [2.2, 3.1]}}   # the first sharp peak: put the window around yours\n",
                           known ? "sq" : "pattern");
    else
        out += fmt::format("fsdp: none                        # the detector sees q {:.2f} to {:.2f}: {{on: pattern, window_invA: [low, "
                           "high]}} around a peak\n",
                           bins.low, bins.high);
    if (known && bins.high >= worth_transforming_invA)
        return out + "pair_distribution: {window: lorch, r_max_A: 20, r_step_A: 0.01}   # G(r); low_r_cut_A: 2.2 cleans it below the first "
                     "shell\n";
    return out + fmt::format(
                     "pair_distribution: none           # G(r): needs S(q) to high q (here up to {:.1f}); {{window: lorch, r_max_A: 20}}\n",
                     bins.high);
}

std::string mask_list(std::vector<std::string> const& masks) {
    std::string out;
    for (std::string const& mask : masks) out += (out.empty() ? "" : ", ") + render(absolute(mask));
    return out;
}

/// Comments behind values begin in one column where the values leave room.
std::string with_aligned_comments(std::string const& yaml) {
    constexpr std::size_t column = 40;
    std::string out;
    for (std::size_t at = 0; at < yaml.size();) {
        std::size_t const end = yaml.find('\n', at);
        std::string const line = yaml.substr(at, end - at);
        std::size_t const comment = line.find(" # "), value_end = comment == line.npos ? line.npos : line.find_last_not_of(' ', comment);
        if (value_end == line.npos)
            out += line;
        else
            out += line.substr(0, value_end + 1) + std::string(value_end + 3 < column ? column - value_end - 1 : 2, ' ') +
                   line.substr(comment + 1);
        out += '\n';
        at = end + 1;
    }
    return out;
}

} // namespace

std::string init_text(InitRequest const& request) {
    PoniFile const poni = parse_geometry_file(read_whole_file(request.poni), request.poni);
    DetectorModel const& model = model_of(request, poni);
    double const energy = energy_of(request, poni);
    Geometry const geometry = geometry_of(poni, model, energy);
    auto const reach = reachable_range(geometry, RadialUnit::q_invA);
    Bins const bins = bins_for(geometry, reach);
    std::string out = "# Made by `sqd init` from " + printable(fs::path(request.poni).filename().string()) +
                      ". `sqd check FILE` says what it does; `sqd run -c FILE` does it.\n"
                      "# All keys: config/README.md (/usr/share/doc/sqd/config.md). Look at every line with CHANGE, and at threshold, "
                      "polarisation and masks.\n"
                      "instance: sqd                       # name of this service in what it publishes\n";
    out += source_section(request, model) + detector_section(model, poni);
    out += "geometry: {poni: " + render(absolute(request.poni)) + "}";
    out += poni.states_orientation
               ? "\n"
               : "   # rings are smeared? the calibration saw the image upside down (Dioptas): config/README.md, Upside down\n";
    out +=
        poni.wavelength_m
            ? fmt::format("beam: {{polarization_factor: 0.97}}   # CHANGE: 0.95 to 0.99 at a synchrotron; {:.4f} keV by the calibration\n",
                          energy)
            : fmt::format("beam: {{energy_keV: {}, polarization_factor: 0.97}}   # CHANGE: 0.95 to 0.99 at a synchrotron\n",
                          render(energy));
    out += "mask: {files: [" + mask_list(request.masks) +
           "], stream: true}   # beamstop and shadows (.npy .edf .tif .msk .mask ...), non-zero = masked\n";
    out += fmt::format("integration:\n  npt: {}                         # {:.4f} 1/A a bin\n  unit: q_A^-1\n", bins.number, bins.step());
    out += fmt::format("  radial_range: [{:g}, {:g}]      # the detector reaches {:.3f} to {:.3f}; auto: all of it\n", bins.low, bins.high,
                       reach.first, reach.second);
    out += "scan: {role: sample}                # of series that nobody announces\n";
    out += sample_sections(request, bins);
    out += "results: {bind: \"tcp://127.0.0.1:5560\"}\ncontrol: {bind: \"tcp://127.0.0.1:5561\"}\nweb: {listen: \"127.0.0.1:8640\"}\n"
           "archive: {directory: archive}       # one NeXus file per scan, from the folder of this file\n";
    return with_aligned_comments(out);
}

} // namespace sqd
