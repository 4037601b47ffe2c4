// Reductions that cannot work.
#include "wrong_texts.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

char const* const sq_section = "structure_factor:\n  normalization: kmn\n  q_min_invA: 0.5\n  q_max_invA: 8.9\n";

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

} // namespace

TEST_CASE("reductions that cannot work are refused with their line") {
    check_all(wrong_reduction);
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
