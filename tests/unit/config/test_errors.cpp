// Every way to be wrong has a message with file, line, key, the problem and a way out.
#include "config_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sqd;
using namespace sqd::test;

namespace {

/// Replace `from` by `to`; the message must name `key`, stand on the line that has `line_of`, and have all `words`.
struct Wrong {
    char const* from;
    char const* to;
    char const* key;
    char const* line_of; ///< null = no line known (0)
    std::vector<std::string> words;
};

std::size_t line_number(std::string const& text, std::string const& part) {
    auto const at = text.find(part);
    if (at == std::string::npos) throw std::logic_error("the test's text has no '" + part + "'");
    return static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
}

char const* const sq_section = "structure_factor:\n  normalization: kmn\n  q_min_invA: 0.5\n  q_max_invA: 8.9\n";

std::vector<Wrong> const wrong_syntax{
    {"instance: test", "instance: [test", "yaml", nullptr, {"not valid YAML"}},
    {"instance: test", "instanze: test", "instanze", "instanze", {"unknown key", "did you mean 'instance'?"}},
    {"energy_keV: 68.5", "energy_kev: 68.5", "beam.energy_kev", "energy_kev", {"unknown key", "did you mean 'energy_keV'?"}},
    {"energy_keV: 68.5", "energy_eV: 68500", "beam.energy_eV", "energy_eV", {"unknown key", "energy_keV"}},
    {"instance: test", "threshold_keV: 9", "threshold_keV", "threshold_keV", {"unknown key", "did you mean 'detector.threshold_keV'?"}},
    {"instance: test", "zzzzzzzzzz: 9", "zzzzzzzzzz", "zzzzzzzzzz", {"unknown key", "write instance, source"}},
    {"material: CdTe", "matter: CdTe", "detector.sensor.matter", "matter", {"unknown key", "material"}},
    {"energy_keV: 68.5", "energy_keV: 68.5\n  energy_keV: 13", "beam.energy_keV", "energy_keV: 13", {"duplicate key", "line 11"}},
    {"control:", "beam:\n  energy_keV: 68.5\ncontrol:", "beam", "beam:\n  energy_keV: 68.5\ncontrol", {"duplicate key"}},
    {"instance: test", "instance: &a test", "instance", "instance", {"anchors"}},
    {"instance: test", "instance: !!str test", "instance", "instance", {"tag"}},
    {"energy_keV: 68.5", "energy_keV:", "beam.energy_keV", "energy_keV:", {"has no value"}},
    {"fsdp:\n  on: sq\n  window_invA: [2.2, 3.1]",
     "fsdp: yes",
     "fsdp",
     "fsdp: yes",
     {"is 'yes', not a section", "on, window_invA or model"}},
    {"archive: {directory: archive}", "archive: archive", "archive", "archive: archive", {"not a section"}},
    {"archive: {directory: archive}", "archive: {directory: archive}\n---\na: b", "yaml", nullptr, {"second document"}},
};

std::vector<Wrong> const wrong_types{
    {"energy_keV: 68.5", "energy_keV: \"68.5\"", "beam.energy_keV", "energy_keV", {"is text", "quotes"}},
    {"energy_keV: 68.5", "energy_keV: 68.5 keV", "beam.energy_keV", "energy_keV", {"is not a number", "unit is in the key's name"}},
    {"energy_keV: 68.5", "energy_keV: .nan", "beam.energy_keV", "energy_keV", {"is not a number"}},
    {"energy_keV: 68.5", "energy_keV: nan", "beam.energy_keV", "energy_keV", {"is not a finite number"}},
    {"energy_keV: 68.5", "energy_keV: inf", "beam.energy_keV", "energy_keV", {"is not a finite number"}},
    {"energy_keV: 68.5", "energy_keV: 1e999", "beam.energy_keV", "energy_keV", {"is not a number"}},
    {"energy_keV: 68.5", "energy_keV: 68500", "beam.energy_keV", "energy_keV", {"out of range", "1 to 1000", "unit"}},
    {"energy_keV: 68.5", "energy_keV: [68.5]", "beam.energy_keV", "energy_keV", {"a list", "expected a number"}},
    {"energy_keV: 68.5", "energy_keV: {value: 68.5}", "beam.energy_keV", "energy_keV", {"a section", "expected a number"}},
    {"npt: 348", "npt: 010", "integration.npt", "npt", {"starts with a zero", "octal"}},
    {"npt: 348", "npt: 0x15", "integration.npt", "npt", {"is not a number"}},
    {"npt: 348", "npt: 1_000", "integration.npt", "npt", {"is not a number"}},
    {"npt: 348", "npt: 348.5", "integration.npt", "npt", {"not a whole number"}},
    {"npt: 348", "npt: 1e3", "integration.npt", "npt", {"not a whole number"}},
    {"npt: 348", "npt: 0", "integration.npt", "npt", {"out of range", "1 to 65534"}},
    {"npt: 348", "npt: 65535", "integration.npt", "npt", {"out of range", "1 to 65534"}},
    {"npt: 348", "npt: -5", "integration.npt", "npt", {"out of range"}},
    {"stream: true", "stream: yes", "mask.stream", "mask:", {"neither true nor false"}},
    {"stream: true", "stream: \"true\"", "mask.stream", "mask:", {"neither true nor false"}},
    {"files: []", "files: a.npy", "mask.files", "files", {"expected a list", "write [a.npy]"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [0.3]", "integration.radial_range", "radial_range", {"a list of 1", "expected 2 numbers"}},
    {"radial_range: [0.3, 9.0]", "radial_range: 0.3", "integration.radial_range", "radial_range", {"expected 2 numbers"}},
    {"density_g_cm3: 6.0", "density_g_cm3: 6000", "sample.density_g_cm3", "density_g_cm3", {"out of range", "30"}},
    {"transmission: computed", "transmission: 0", "sample.transmission", "transmission", {"out of range", "above 0"}},
    {"transmission: computed", "transmission: 41.8", "sample.transmission", "transmission", {"out of range"}},
    {"polarization_factor: 0.97", "polarization_factor: 1.01", "beam.polarization_factor", "polarization_factor", {"out of range"}},
    {"instance: test", "instance: id/13", "instance", "instance", {"is not a name", "topic"}},
};

std::vector<Wrong> const wrong_input{
    {"  kind: dectris_stream1\n", "", "source.kind", "source:", {"is missing"}},
    {"kind: dectris_stream1", "kind: dectris_stream", "source.kind", "kind", {"is not known", "did you mean 'dectris_stream1'?"}},
    {"kind: dectris_stream1", "kind: cbf_folder", "source.connect", "connect", {"is a folder", "write directory"}},
    {"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999", "kind: cbf_folder", "source.directory", "source:", {"is missing"}},
    {"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999",
     "kind: cbf_folder\n  directory: .\n  tap: {bind: tcp://127.0.0.1:1}",
     "source.tap",
     "tap",
     {"no messages"}},
    {"connect: tcp", "directory: .\n  connect: tcp", "source.directory", "directory", {"only cbf_folder"}},
    {"  connect: tcp://127.0.0.1:9999\n", "", "source.connect", "source:", {"no endpoint", "exactly one"}},
    {"connect: tcp", "bind: tcp://127.0.0.1:1\n  connect: tcp", "source.connect", "connect", {"two endpoints"}},
    {"connect: tcp://127.0.0.1:9999", "connect: 127.0.0.1:9999", "source.connect", "connect", {"is not an endpoint", "tcp://host:port"}},
    {"connect: tcp://127.0.0.1:9999", "connect: tcp://127.0.0.1:99999", "source.connect", "connect", {"port 99999"}},
    {"connect: tcp://127.0.0.1:9999", "bind: tcp://*:9999", "source.bind", "bind", {"other machines", "insecure: true"}},
    {"connect: tcp", "socket: push\n  connect: tcp", "source.socket", "socket", {"known: pull or sub"}},
    {"connect: tcp", "channel: threshold_1\n  connect: tcp", "source.channel", "channel", {"dectris_stream2"}},
    {"connect: tcp", "tap: raw.bin\n  connect: tcp", "source.tap", "tap", {"section"}},
    {"connect: tcp", "tap: {}\n  connect: tcp", "source.tap.connect", "tap", {"no endpoint", "where messages go"}},
    {"connect: tcp",
     "tap: {bind: tcp://127.0.0.1:1, connect: tcp://127.0.0.1:1}\n  connect: tcp",
     "source.tap.connect",
     "tap",
     {"two endpoints"}},
    {"connect: tcp", "tap: {bind: tcp://*:1}\n  connect: tcp", "source.tap.bind", "tap", {"other machines", "insecure"}},
    {"connect: tcp", "tap: {bind: tcp://127.0.0.1:1, socket: sub}\n  connect: tcp", "source.tap.socket", "tap", {"push", "pub"}},
    {"connect: tcp",
     "tap: {bind: tcp://127.0.0.1:1, queue_messages: 0}\n  connect: tcp",
     "source.tap.queue_messages",
     "tap",
     {"out of range"}},
    {"connect: tcp", "queue_MB: 100\n  connect: tcp", "source.queue_MB", "queue_MB", {"less than one image", "256"}},
    {"connect: tcp", "end_silence_s: 0\n  connect: tcp", "source.end_silence_s", "end_silence_s", {"out of range"}},
    {"name: Simulated256", "name: Eiger2_4MM", "detector.name", "name: E", {"is not known", "did you mean 'Eiger2_4M'?"}},
    {"  name: Simulated256\n", "", "detector.name", "detector:", {"is missing", ".poni"}},
    {"name: Simulated256", "name: Eiger4M", "geometry.poni", "geometry", {"256 x 256", "2167 x 2070"}},
    {"material: CdTe", "material: Ge", "detector.sensor.material", "sensor", {"known: Si, CdTe or GaAs"}},
    {"thickness_um: 1000}", "thickness_um: 0}", "detector.sensor.thickness_um", "sensor", {"out of range"}},
    {"threshold_keV: 20.0", "threshold_keV: 70", "detector.threshold_keV", "threshold_keV", {"70 keV", "68.5 keV"}},
    {"poni: a.poni", "poni: b.poni", "geometry.poni", "geometry", {"no such file 'b.poni'", "relative names start"}},
    {"geometry: {poni: a.poni}\n", "", "geometry.poni", nullptr, {"is missing", "exactly one of geometry.poni and geometry.fit2d"}},
    {"poni: a.poni", "poni: none", "geometry.poni", "geometry", {"is missing"}},
    {"poni: a.poni",
     "poni: a.poni, fit2d: {distance_mm: 1, center_x_px: 1, center_y_px: 1}",
     "geometry.fit2d",
     "geometry",
     {"second geometry"}},
    {"poni: a.poni", "fit2d: {distance_mm: 78, center_x_px: 53}", "geometry.fit2d.center_y_px", "geometry", {"is missing", "centerY"}},
    {"poni: a.poni", "fit2d: {}", "geometry.fit2d.distance_mm", "geometry", {"is missing", "directDist"}},
    {"poni: a.poni",
     "fit2d: {distance_mm: -78, center_x_px: 5, center_y_px: 5}",
     "geometry.fit2d.distance_mm",
     "geometry",
     {"out of range"}},
    {"poni: a.poni",
     "fit2d: {distance_mm: 78, center_x_px: 5, center_y_px: 5, tilt_deg: 95}",
     "geometry.fit2d.tilt_deg",
     "geometry",
     {"out of range", "-89 to 89"}},
    {"poni: a.poni", "fit2d: {directDist: 78}", "geometry.fit2d.directDist", "geometry", {"unknown key", "distance_mm"}},
    {"poni: a.poni", "poni: azimint.json", "geometry.poni", "geometry", {"no such file 'azimint.json'"}},
    {"energy_keV: 68.5", "energy_keV: 68.0", "beam.energy_keV", "energy_keV", {"68 keV", "68.5"}},
    {"files: []", "files: [no.npy]", "mask.files", "mask:", {"no such file 'no.npy'"}},
    {"files: []", "files: [a.poni]", "mask.files", "mask:", {"a.poni' is no mask", "not a text of 0 and 1", "config/README.md"}},
    {"files: []", "files: [\"no.h5::/mask\"]", "mask.files", "mask:", {"no such file 'no.h5'"}},
    {"files: []", "files: [7x3.txt]", "mask.files", "mask:", {"7x3.txt' is for another detector", "7 x 3", "256 x 256"}},
};

std::vector<Wrong> const wrong_reduction{
    {"unit: q_A^-1", "unit: q_A", "integration.unit", "unit", {"is not known", "q_A^-1"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [9.0, 0.3]", "integration.radial_range", "radial_range", {"low end is not below"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [0.3, 12]", "integration.radial_range", "radial_range", {"0.3 to 12", "reaches 0 to 9.30"}},
    {"npt: 348", "npt: none", "integration.npt", "npt", {"edges is none, too"}},
    {"npt: 348", "npt: 348\n  edges: [0.3, 1, 2]", "integration.npt", "npt", {"second time"}},
    {"  npt: 348\n", "  edges: [0.3, 1, 2]\n", "integration.radial_range", "radial_range", {"second time"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]",
     "  edges: [0.3, 1, 2]\n  spacing: log",
     "integration.spacing",
     "spacing",
     {"second time"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]", "  edges: [0.3, 2, 1]", "integration.edges", "edges", {"1 follows 2"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]", "  edges: [0.3, 2, 2]", "integration.edges", "edges", {"2 follows 2"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]", "  edges: [0.3]", "integration.edges", "edges", {"2 numbers or more"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]", "  edges: all", "integration.edges", "edges", {"write [a, b, c] or none"}},
    {"  npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]",
     "  edges: [0.3, 2, 12]",
     "integration.edges",
     "edges",
     {"0.3 to 12", "reaches 0 to 9.30"}},
    {"npt: 348", "npt: 348\n  spacing: cubic", "integration.spacing", "spacing", {"known: even or log"}},
    {"radial_range: [0.3, 9.0]", "spacing: log", "integration.spacing", "spacing", {"above 0", "radial_range: [low, high]"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [0, 9.0]\n  spacing: log", "integration.spacing", "spacing", {"above 0"}},
    {"compat: none", "spacing: log\n  compat: pyfai", "integration.compat", "compat", {"even steps only", "spacing: log"}},
    {"npt: 348", "npt: 348\n  spacing: log", "pair_distribution", "pair_distribution", {"even steps in q", "spacing is log"}},
    {"npt: 348", "npt: 348\n  cake: full", "integration.cake", "cake", {"not a section"}},
    {"npt: 348", "npt: 348\n  cake: {npt_azim: 0}", "integration.cake.npt_azim", "cake", {"out of range"}},
    {"npt: 348", "npt: 348\n  cake: {npt_azim: 36000}", "integration.cake.npt_azim", "cake", {"36000 x 348 cells", "4000000"}},
    {"npt: 348", "npt: 348\n  cake: {azimuth_range: none}", "integration.cake.azimuth_range", "cake", {"expected 2 numbers"}},
    {"npt: 348", "npt: 348\n  cake: {azimuth_range: [30, 30]}", "integration.cake.azimuth_range", "cake", {"is empty"}},
    {"npt: 348", "npt: 348\n  cake: {azimuth_range: [-190, 180]}", "integration.cake.azimuth_range", "cake", {"more than a turn"}},
    {"compat: none", "compat: pyfai\n  cake: {azimuth_range: [170, 190]}", "integration.cake.azimuth_range", "cake", {"does not go round"}},
    {"compat: none", "compat: pyfai\n  split: full\n  cake: {npt_azim: 90}", "integration.cake", "cake", {"other numbers than areas"}},
    {"npt: 348", "npt: 348\n  split: half", "integration.split", "split", {"known: none, bbox or full"}},
    {"npt: 348", "npt: 348\n  average: mean", "integration.average", "average", {"known: weighted or unweighted"}},
    {"npt: 348", "npt: 348\n  error_model: chi2", "integration.error_model", "error_model", {"poisson, azimuthal or hybrid"}},
    {"npt: 348", "npt: 348\n  azimuth_range: [30, 30]", "integration.azimuth_range", "azimuth_range", {"is empty"}},
    {"npt: 348", "npt: 348\n  azimuth_range: [0, 700]", "integration.azimuth_range", "azimuth_range", {"out of range"}},
    {"npt: 348", "npt: 348\n  outliers: {method: clip}", "integration.outliers.method", "outliers", {"sigma_clip"}},
    {"npt: 348", "npt: 348\n  outliers: {quantiles: [1, 1]}", "integration.outliers.quantiles", "outliers", {"largest pixel"}},
    {"npt: 348",
     "npt: 348\n  outliers: {method: quantile, quantiles: [0.7, 0.3]}",
     "integration.outliers.quantiles",
     "outliers",
     {"above the high one", "median"}},
    {"npt: 348", "npt: 348\n  outliers: none", "integration.outliers", "outliers", {"not a section", "method"}},
    {"role: sample", "role: sampel", "scan.role", "scan:", {"did you mean 'sample'?"}},
    {"role: sample", "points: 1799, grid: [30, 60]", "scan.points", "scan:", {"1799", "30 x 60 = 1800"}},
    {"role: sample", "grid: [30.5, 60]", "scan.grid", "scan:", {"whole numbers"}},
    {"compat: none\nscan: {role: sample}", "split: full\nscan: {grid: [3, 4]}", "scan.grid", "scan:", {"sum of all images"}},
    {"role: sample", "snake: true", "scan.snake", "scan:", {"scan.grid is none"}},
    {"composition: Zr46.8Ti8.2Cu7.5Ni10Be27.5", "composition: Zr46.8Xx8", "sample.composition", "composition", {"is not understood"}},
    {"  composition: Zr46.8Ti8.2Cu7.5Ni10Be27.5\n", "", "sample.composition", "sample:", {"is missing"}},
    {"  density_g_cm3: 6.0\n", "", "sample.density_g_cm3", "sample:", {"is missing", "transmission"}},
    {"  density_g_cm3: 6.0\n  thickness_um: 30\n",
     "",
     "sample.density_g_cm3",
     "sample:",
     {"is missing", "kmn needs", "structure_factor: none"}},
    {"thickness_um: 30", "density_A3: 0.06\n  thickness_um: 30", "sample.density_A3", "density_A3", {"beside density_g_cm3", "write one"}},
    {"  density_g_cm3: 6.0", "  density_A3: 6.0", "sample.density_A3", "density_A3", {"out of range", "atoms/A^3"}},
    {"thickness_um: 30", "thickness_um: 30\n  shape: sphere", "sample.shape", "shape", {"known: plate or cylinder"}},
    {"thickness_um: 30", "thickness_um: 30\n  tilt_deg: 80", "sample.tilt_deg", "tilt_deg", {"along the beam", "less than 80"}},
    {"thickness_um: 30", "thickness_um: 30\n  tilt_deg: -5", "sample.tilt_deg", "tilt_deg", {"out of range"}},
    {"thickness_um: 30",
     "thickness_um: 30\n  shape: cylinder\n  tilt_deg: 10",
     "sample.tilt_deg",
     "tilt_deg",
     {"shape is cylinder", "tilt_deg: 0"}},
    {"thickness_um: 30", "thickness_um: 30\n  tilt_azimuth_deg: 400", "sample.tilt_azimuth_deg", "tilt_azimuth", {"out of range"}},
    {"thickness_um: 30\n", "self_absorption: true\n", "sample.self_absorption", "self_absorption", {"thickness_um is 0"}},
    {"use: latest", "upstream_fraction: 2", "background.upstream_fraction", "upstream_fraction", {"out of range"}},
    {"use: latest", "scale: 0", "background.scale", "scale", {"out of range"}},
    {"normalization: kmn", "normalization: fit", "structure_factor.normalization", "normalization", {"known: kmn, high_q or low_r"}},
    {"normalization: kmn",
     "normalization: low_r",
     "structure_factor.normalization",
     "normalization: low_r",
     {"low_r_cut_A", "no atoms meet"}},
    {"normalization: kmn", "constant: true", "structure_factor.constant", "constant", {"cannot be fitted", "high_q"}},
    {"normalization: kmn", "low_q: zero", "structure_factor.low_q", "low_q", {"known: constant, linear, parabola or none"}},
    {"normalization: kmn", "kmn_damping_A2: -0.001", "structure_factor.kmn_damping_A2", "kmn_damping", {"out of range"}},
    {"normalization: kmn", "form_factors: itc", "structure_factor.form_factors", "form_factors", {"known: waasmaier_kirfel or xraylib"}},
    {"normalization: kmn", "recoil: some", "structure_factor.recoil", "recoil", {"true or false"}},
    {"normalization: kmn", "fluorescence: fit", "structure_factor.fluorescence", "fluorescence", {"known: auto, fitted or none"}},
    {"normalization: kmn", "multiple_scattering: none", "structure_factor.multiple_scattering", "multiple", {"known: report or subtract"}},
    {"normalization: kmn", "laue: printed", "structure_factor.laue", "laue", {"known: faber_ziman, none or ashcroft_langreth"}},
    {"q_max_invA: 8.9\n", "q_max_invA: 9.5\n", "structure_factor.q_max_invA", "q_max_invA: 9.5", {"beyond the data", "0.3 to 9 1/A"}},
    {"q_min_invA: 0.5", "q_min_invA: 0.2", "structure_factor.q_min_invA", "q_min_invA", {"before the data", "0.3 to 9 1/A"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [2.0, 9.0]", "structure_factor.q_min_invA", "q_min_invA", {"before the data"}},
    {"q_min_invA: 0.5", "q_min_invA: 2.0", "structure_factor.normalization", "normalization", {"kmn cannot be used", "on: pattern"}},
    {"q_max_invA: 8.9\n", "q_max_invA: 0.4\n", "structure_factor.q_max_invA", "q_max_invA: 0.4", {"not above q_min_invA"}},
    {"[2.2, 3.1]", "[3.1, 2.2]", "fsdp.window_invA", "window_invA", {"not inside the curve"}},
    {"[2.2, 3.1]", "[8.5, 9.5]", "fsdp.window_invA", "window_invA", {"not inside the curve", "0.5 to 8.9"}},
    {"[2.2, 3.1]", "[2.2, 2.3]", "fsdp.window_invA", "window_invA", {"about 4 bins"}},
    {"on: sq", "on: gr", "fsdp.on", "on: gr", {"known: sq or pattern"}},
    {"on: sq", "model: gauss", "fsdp.model", "model", {"known: split_pseudo_voigt", "centroid"}},
    {sq_section, "structure_factor: none\n", "fsdp.on", "on: sq", {"structure_factor is none", "on: pattern"}},
    {"q_max_invA: 8.9, r_max", "q_max_invA: 8.95, r_max", "pair_distribution.q_max_invA", "pair_distribution", {"0.5 to 8.9"}},
    {"r_max_A: 20", "low_r_cut_A: 2.2, iterations: 0", "pair_distribution.iterations", "pair_distribution", {"contradicts low_r_cut_A"}},
    {"r_max_A: 20", "iterations: 3", "pair_distribution.iterations", "pair_distribution", {"contradicts low_r_cut_A"}},
    {"r_max_A: 20", "r_max_A: 2, low_r_cut_A: 2.2", "pair_distribution.r_max_A", "pair_distribution", {"not above low_r_cut_A"}},
    {"r_max_A: 20", "refine: density", "pair_distribution.refine", "pair_distribution", {"low_r_cut_A is 0", "refine: none"}},
    {"r_max_A: 20", "low_r_cut_A: 2.2, refine: scale", "pair_distribution.refine", "pair_distribution", {"known: none, density"}},
    {"r_max_A: 20",
     "low_r_cut_A: 2.2, iterations: 3, low_r_method: top_hat",
     "pair_distribution.iterations",
     "pair_distribution",
     {"does not go with top_hat"}},
    {"r_max_A: 20", "low_r_method: top_hat", "pair_distribution.low_r_method", "pair_distribution", {"low_r_cut_A is 0"}},
    {"r_max_A: 20", "low_r_cut_A: 2.2, low_r_method: soper", "pair_distribution.low_r_method", "pair_distribution", {"eggert or top_hat"}},
    {"r_max_A: 20", "low_r_cut_A: 2.2, top_hat_invA: 2", "pair_distribution.top_hat_invA", "pair_distribution", {"low_r_method is eggert"}},
    {"r_max_A: 20",
     "low_r_cut_A: 2.2, low_r_method: top_hat, top_hat_invA: 0.4",
     "pair_distribution.top_hat_invA",
     "pair_distribution",
     {"is narrow", "3 / low_r_cut_A"}},
    {"r_max_A: 20",
     "low_r_cut_A: 2.2, low_r_method: top_hat, top_hat_invA: 30",
     "pair_distribution.top_hat_invA",
     "pair_distribution",
     {"out of range"}},
    {"r_max_A: 20", "window: hann", "pair_distribution.window", "pair_distribution", {"lorch"}},
    {"r_max_A: 20}\n",
     "r_max_A: 20}\nad_hoc: {q_max_inst_invA: 12}\n",
     "ad_hoc.q_max_inst_invA",
     "ad_hoc",
     {"0.5 to 12 is not inside the data", "0.3 to 9"}},
    {"r_max_A: 20}\n", "r_max_A: 20}\nad_hoc: {q_max_invA: 0.4}\n", "ad_hoc.q_max_invA", "ad_hoc", {"is not between"}},
    {"r_max_A: 20}\n", "r_max_A: 20}\nad_hoc: {window: hann}\n", "ad_hoc.window", "ad_hoc", {"known: none, lorch"}},
    {"r_max_A: 20}\n", "r_max_A: 20}\nad_hoc: {r_max_A: 0.01}\n", "ad_hoc.r_max_A", "ad_hoc", {"not above r_step_A"}},
    {"r_max_A: 20}\n", "r_max_A: 20}\nuncertainty: {replicas: 1}\n", "uncertainty.replicas", "uncertainty", {"1 draw has no scatter"}},
    {"r_max_A: 20}\n",
     "r_max_A: 20}\nuncertainty: {q1_precision_invA: 0}\n",
     "uncertainty.q1_precision_invA",
     "uncertainty",
     {"precision [1/A]"}},
};

std::vector<Wrong> const wrong_service{
    {"127.0.0.1:5560", "0.0.0.0:5560", "results.bind", "results", {"other machines", "insecure: true"}},
    {"127.0.0.1:5561", "*:5561", "control.bind", "control", {"other machines"}},
    {"127.0.0.1:5561", "127.0.0.1:5560", "control.bind", "control", {"results.bind, too"}},
    {"results: {", "results: {rate_hz: 11, ", "results.rate_hz", "results", {"out of range"}},
    {"archive:", "web: {listen: \"http://127.0.0.1\"}\narchive:", "web.listen", "web:", {"is not an address", "127.0.0.1:8640"}},
    {"archive:", "web: {listen: \"127.0.0.1:70000\"}\narchive:", "web.listen", "web:", {"is not an address"}},
    {"archive:", "web: {listen: \"0.0.0.0:8640\"}\narchive:", "web.listen", "web:", {"other machines", "insecure: true"}},
    {"archive:", "web: {token: missing}\narchive:", "web.token", "web:", {"no such file"}},
    {"archive:", "security: {server_key: a.poni}\narchive:", "security.clients", "security", {"none although", "give both"}},
    {"archive:", "security: {clients: a.poni}\narchive:", "security.server_key", "security", {"none although", "give both"}},
    {"archive:", "security: {server_key: missing, clients: x}\narchive:", "security.server_key", "security", {"no such file"}},
    {"archive: {", "archive: {min_free_GB: -1, ", "archive.min_free_GB", "archive", {"out of range"}},
    {"archive:", "journal: {keep_days: -1}\narchive:", "journal.keep_days", "journal", {"out of range"}},
    {"archive:", "journal: {keep_GB: -1}\narchive:", "journal.keep_GB", "journal", {"out of range"}},
    {"archive:", "journal: {checkpoint_s: -1}\narchive:", "journal.checkpoint_s", "journal", {"out of range"}},
    {"archive:", "journal: {resume_timeout_s: -1}\narchive:", "journal.resume_timeout_s", "journal", {"out of range"}},
};

void check_all(std::vector<Wrong> const& table) {
    Folder const folder;
    folder.write("7x3.txt", text_mask(7, 3, 0, 0));
    for (auto const& wrong : table) {
        auto const text = replaced(yaml, wrong.from, wrong.to);
        auto const said = complaint(folder, text);
        CAPTURE(std::string(wrong.to));
        CAPTURE(said);
        auto const known_line = wrong.line_of != nullptr ? std::to_string(line_number(text, wrong.line_of)) : std::string{};
        auto const start = folder.file("test.yaml") + ':';
        CHECK(said.starts_with(start + known_line));
        CHECK(said.find(": " + std::string(wrong.key) + ": ") != std::string::npos);
        if (wrong.line_of != nullptr) CHECK(said.starts_with(start + known_line + ": " + wrong.key + ": "));
        for (auto const& word : wrong.words) CHECK_MESSAGE(said.find(word) != std::string::npos, word);
        auto const why = said.find(" (", start.size());
        CHECK(why != std::string::npos);                  // (why)
        CHECK(said.find(") ", why) != std::string::npos); // and a suggestion after it
        CHECK(said.find_last_not_of(' ') != said.find_last_of(')'));
    }
}

} // namespace

TEST_CASE("the text that the wrong ones are made from is right") {
    Folder const folder;
    CHECK(complaint(folder, yaml) == "");
}

TEST_CASE("what is not a configuration is refused with its line") {
    check_all(wrong_syntax);
}
TEST_CASE("values of the wrong type or size are refused with their line") {
    check_all(wrong_types);
}
TEST_CASE("sources, detectors, geometries and masks that cannot work are refused with their line") {
    check_all(wrong_input);
}
TEST_CASE("reductions that cannot work are refused with their line") {
    check_all(wrong_reduction);
}
TEST_CASE("endpoints that cannot work are refused with their line") {
    check_all(wrong_service);
}

TEST_CASE("bins are numbered in 16 bits, and those of one's own are refused where pyFAI's are asked for or G(r)") {
    Folder const folder;
    auto const with = [](std::string const& edges) {
        return replaced(yaml, "npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]", "edges: [" + edges + ']');
    };
    std::string many = "0.3";
    for (int i = 1; i <= 65535; ++i) many += ", " + std::to_string(0.3 + 1e-4 * i);
    CHECK(complaint(folder, with(many)).find("integration.edges: has 65535 bins") != std::string::npos);
    std::string uneven = "0.3", even = "0.3";
    for (int i = 1; i <= 400; ++i) {
        uneven += ", " + std::to_string(0.3 + 0.02 * i + 4e-6 * i * i);
        even += ", " + std::to_string(0.3 + 0.0217 * i);
    }
    CHECK(complaint(folder, with(uneven)).find("pair_distribution: cannot be had on these bins") != std::string::npos);
    CHECK(complaint(folder, with(even)) == "");
    auto const ad_hoc = [](std::string const& text) {
        return replaced(text, "pair_distribution: {q_max_invA: 8.9, r_max_A: 20}\n", "ad_hoc: {}\n");
    };
    CHECK(complaint(folder, ad_hoc(with(uneven))).find("ad_hoc: cannot be had on these bins") != std::string::npos);
    CHECK(complaint(folder, ad_hoc(with(even))) == "");
    CHECK(complaint(folder, ad_hoc(replaced(yaml, "npt: 348", "npt: 348\n  spacing: log"))).find("integration.spacing is log") !=
          std::string::npos);
    CHECK(complaint(folder, replaced(with(even), "compat: none", "compat: pyfai")).find("write npt in place of edges") !=
          std::string::npos);
    CHECK(complaint(folder, replaced(with("0.3, 0.6, 2, 2.5, 3, 9"), "pair_distribution: {q_max_invA: 8.9, r_max_A: 20}\n", ""))
              .find("fsdp.window_invA: has about 2 bins") != std::string::npos);
}

TEST_CASE("a .poni of another pixel size is refused with both sizes") {
    Folder const folder;
    auto const said = complaint(folder, yaml, replaced(poni, "\"pixel1\": 7.5e-05", "\"pixel1\": 1.72e-04"));
    CHECK(said.find("geometry.poni: ") != std::string::npos);
    CHECK(said.find("172") != std::string::npos);
    CHECK(said.find("75") != std::string::npos);
}

TEST_CASE("a sensor that contradicts the .poni's is refused with both values") {
    Folder const folder;
    auto const with = [](std::string const& sensor) { return replaced(poni, "[256, 256]", "[256, 256], \"sensor\": " + sensor); };
    CHECK(complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": 0.001}")) == "");
    CHECK(complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": null}")) == "");
    auto const material = complaint(folder, yaml, with("{\"material\": \"Si\", \"thickness\": 0.001}"));
    CHECK(material.find(":7: detector.sensor.material: CdTe contradicts the .poni file (that says Si) ") != std::string::npos);
    auto const thickness = complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": 0.00075}"));
    CHECK(thickness.find(":7: detector.sensor.thickness_um: 1000 um contradicts the .poni file (that says 750 um) ") != std::string::npos);
    auto const none = replaced(yaml, "sensor: {material: CdTe, thickness_um: 1000}", "sensor: none");
    CHECK(complaint(folder, none, with("{\"material\": \"Ge\", \"thickness\": 0.001}")) == ""); // not corrected for, on purpose
}

TEST_CASE("a sensor of the .poni that is not known here is refused where nothing else is said") {
    Folder const folder;
    auto const silent = replaced(yaml, "  sensor: {material: CdTe, thickness_um: 1000}\n", "");
    auto const germanium = replaced(poni, "[256, 256]", "[256, 256], \"sensor\": {\"material\": \"Ge\", \"thickness\": 0.001}");
    auto const said = complaint(folder, silent, germanium);
    CHECK(said.find("detector.sensor.material: 'Ge' is not known (known: Si, CdTe or GaAs)") != std::string::npos);
    auto const thin = replaced(poni, "[256, 256]", "[256, 256], \"sensor\": {\"material\": \"GaAs\"}");
    CHECK(complaint(folder, silent, thin).find("detector.sensor.thickness_um: is missing") != std::string::npos);
}

TEST_CASE("FIT2D's parameters need the detector's name and the energy") {
    Folder const folder;
    auto const fit2d = replaced(yaml, "poni: a.poni", "fit2d: {distance_mm: 78, center_x_px: 53.3, center_y_px: 53.3}");
    CHECK(complaint(folder, fit2d) == "");
    CHECK(complaint(folder, replaced(fit2d, "  name: Simulated256\n", ""))
              .find("detector.name: is missing (geometry.fit2d names no detector") != std::string::npos);
    CHECK(complaint(folder, replaced(fit2d, "  energy_keV: 68.5\n", ""))
              .find("beam.energy_keV: is missing (geometry.fit2d has no wavelength") != std::string::npos);
}

TEST_CASE("a .poni of the transposed shape is told so") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: Eiger4M");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[2070, 2167]"));
    CHECK(said.find("are the shape of Eiger4M transposed") != std::string::npos);
}

TEST_CASE("a .poni of the sister model is refused with the sister's name") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: Eiger2_1M");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[1065, 1030]"));
    CHECK(said.find("1065 x 1030 pixels (rows x columns) are the shape of Eiger1M, not of Eiger2_1M, which has 1062 x 1028") !=
          std::string::npos);
}

TEST_CASE("a detector may be given by what it calls itself") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: \"Dectris EIGER2 Si 1M\"");
    CHECK(complaint(folder, text, replaced(poni, "[256, 256]", "[1065, 1030]")).find("not of Eiger2_1M") != std::string::npos);
}

TEST_CASE("beam energy and .poni wavelength may differ by rounding and not by more") {
    Folder const folder;
    CHECK(complaint(folder, replaced(yaml, "energy_keV: 68.5", "energy_keV: 68.55")) == ""); // 7e-4
    CHECK(complaint(folder, replaced(yaml, "energy_keV: 68.5", "energy_keV: 68.58")) != ""); // 1.2e-3
}

TEST_CASE("the beam's energy must come from somewhere") {
    Folder const folder;
    auto const without = replaced(poni, "Wavelength: 1.8099882982948943e-11\n", "");
    CHECK(complaint(folder, yaml, without) == "");
    auto const said = complaint(folder, replaced(yaml, "  energy_keV: 68.5\n", ""), without);
    CHECK(said.find(":10: beam.energy_keV: is missing") != std::string::npos);
}

TEST_CASE("an image that the limit cannot hold is refused") {
    Folder const folder;
    auto const text = replaced(replaced(yaml, "name: Simulated256", "name: Eiger4M"), "connect: tcp", "max_image_MB: 10\n  connect: tcp");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[2167, 2070]"));
    CHECK(said.find("source.max_image_MB: ") != std::string::npos);
    CHECK(said.find("write at least 18") != std::string::npos); // 2167 * 2070 * 4 bytes = 17.1 MiB
}

TEST_CASE("a mask that hides everything or has another shape is refused") {
    Folder const folder;
    std::string full;
    for (int row = 0; row < 256; ++row) full += std::string(256, '1') + '\n';
    folder.write("full.txt", full);
    folder.write("short.txt", text_mask(255, 256, 0, 0));
    CHECK(complaint(folder, replaced(yaml, "files: []", "files: [full.txt]")).find("every pixel is masked") != std::string::npos);
    auto const said = complaint(folder, replaced(yaml, "files: []", "files: [short.txt]"));
    CHECK(said.find("255 x 256") != std::string::npos);
    CHECK(said.find("256 x 256") != std::string::npos);
}

TEST_CASE("low-r cleaning is named among those who need the density") {
    Folder const folder;
    auto const text = replaced(replaced(yaml, "  density_g_cm3: 6.0\n  thickness_um: 30\n", ""), "r_max_A: 20", "low_r_cut_A: 2.2");
    CHECK(complaint(folder, text).find("kmn and low_r_cut_A need") != std::string::npos);
}

TEST_CASE("G(r) without S(q) is refused") {
    Folder const folder;
    auto const text = replaced(replaced(yaml, sq_section, "structure_factor: none\n"), "on: sq", "on: pattern");
    auto const said = complaint(folder, text);
    CHECK(said.find(": pair_distribution: there is no S(q)") != std::string::npos);
}

TEST_CASE("data that start above the first peak cannot be normalised by kmn") {
    Folder const folder;
    auto const text = replaced(replaced(yaml, "radial_range: [0.3, 9.0]", "radial_range: [2.1, 9.0]"), "  q_min_invA: 0.5\n", "");
    auto const said = complaint(folder, text);
    CHECK(said.find("structure_factor.normalization: kmn cannot be used") != std::string::npos);
}

TEST_CASE("an address that others reach is taken when it is said to be wanted") {
    Folder const folder;
    CHECK(complaint(folder, replaced(yaml, "results: {bind: \"tcp://127.0.0.1:5560\"}",
                                     "results: {bind: \"tcp://0.0.0.0:5560\", insecure: true}")) == "");
    CHECK(complaint(folder, replaced(replaced(yaml, "tcp://127.0.0.1:5560", "tcp://0.0.0.0:5560"),
                                     "archive:", "security: {server_key: a.poni, clients: a.poni}\narchive:")) == "");
    CHECK(complaint(folder, replaced(yaml, "tcp://127.0.0.1:5560", "tcp://127.0.0.1:*")) == "");
    CHECK(complaint(folder, replaced(yaml, "tcp://127.0.0.1:5560", "ipc:///run/sqd/results")) == "");
}
