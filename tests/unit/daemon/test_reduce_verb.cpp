// `sqd reduce` on a real metallic glass and on images of a known scatterer.
#include "daemon/verbs/reduce.hpp"

#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/verbs/reduce_report.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>

using namespace sqd;
using sqd::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

/// A small detector that sees q 0 to 9; for patterns from files only the recipe counts.
char const* const poni = "poni_version: 2\nDetector: Detector\nDetector_config: {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, "
                         "\"max_shape\": [256, 256]}\nDistance: 0.078\nPoni1: 0.004\nPoni2: 0.004\nRot1: 0\nRot2: 0\nRot3: 0\n";

/// Ce70Al10Ni10Cu10 with the density 0.03468 atoms/A^3 of the recording's authors: 0.03468 * 113.00 g/mol / 0.602214.
char const* const cerium_yaml = R"(
instance: ce
source: {kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}
detector: {name: Simulated256}
geometry: {poni: ce.poni}
beam: {energy_keV: 68.5}
integration: {npt: 300, radial_range: [0.3, 9.0], sensor_efficiency: false}
sample: {composition: Ce70Al10Ni10Cu10, density_g_cm3: 6.5075, thickness_um: 30}
structure_factor: {normalization: kmn, q_min_invA: 1.0, q_max_invA: 7.8, anomalous: false, fluorescence: none}
fsdp: {on: sq, window_invA: [1.95, 2.55]}
pair_distribution: {q_max_invA: 7.8, window: none, r_max_A: 10, low_r_cut_A: 2.2, iterations: 4}
)";

struct Workplace {
    Workplace() {
        std::ofstream(directory.path() / "ce.poni") << poni;
        config = parse_config(cerium_yaml, (directory.path() / "ce.yaml").string(), read_mask_image, read_number_image);
    }
    TemporaryDirectory directory;
    Config config;
};

void write_npy(fs::path const& path, std::size_t rows, std::size_t cols, double value) {
    std::string header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " + std::to_string(cols) + "), }";
    header.resize(117, ' ');
    header += '\n';
    std::ofstream out(path, std::ios::binary);
    out << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size()) << '\0' << header;
    for (std::size_t i = 0; i < rows * cols; ++i) out.write(reinterpret_cast<char const*>(&value), sizeof value);
}

bool has_flag(ReducedResult const& result, std::string const& flag) {
    auto const& flags = result.curves.flags;
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

} // namespace

TEST_CASE("the cerium glass reduces to the published scale, peak and first shell") {
    SQD_SHARED_DATA_OR_SKIP(cerium, "total_scattering/Ce_metallic_glass");
    Workplace const place;
    ReduceRequest request;
    request.sample = cerium / "Cerium.dat";
    request.background = cerium / "background.xy";
    request.scale = 0.927;
    ReducedResult const result = reduce_files(request, place.config).result;
    REQUIRE(result.curves.sq);
    REQUIRE(result.curves.fsdp);
    REQUIRE(result.curves.gr);
    CHECK(result.curves.background_scale == 0.927);
    // The authors' alpha with the right density is 0.2733 (MANIFEST.md), without recoil in Compton and from q 1.5: 2 % covers both.
    CHECK(std::abs(result.curves.sq->normalization.alpha - 0.2733) < 0.02 * 0.2733);
    // Their maximum of I(q) less background lies at 2.2487, models scatter by 0.01 (fsdp_fit_study.txt).
    CHECK(std::abs(result.curves.fsdp->q1_max - 2.2487) < 0.01);
    CHECK(has_flag(result, "sigma_assumed_poisson"));
    CHECK_FALSE(has_flag(result, "background_interpolated")); // the two files differ by digits only

    std::ifstream in(cerium / "ref_Ce_S.txt");
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    // S before low-r cleaning, columns 1 and 2 of 6, 1.6 < q < 7.7: the remaining difference is the scale's and the recoil's.
    std::istringstream rows(text.substr(text.find('\n') + 1));
    double worst = 0;
    std::vector<double> q, s;
    for (double a, b, rest; rows >> a >> b >> rest >> rest >> rest >> rest;) {
        q.push_back(a);
        s.push_back(b);
    }
    StructureFactor const& ours = *result.curves.sq;
    for (std::size_t i = 0; i < q.size(); ++i) {
        if (q[i] < 1.6 || q[i] > 7.7) continue;
        auto const right = std::lower_bound(ours.q_invA.begin(), ours.q_invA.end(), q[i]) - ours.q_invA.begin();
        worst = std::max(worst, std::abs(ours.s[static_cast<std::size_t>(right)] - s[i]));
    }
    CHECK(worst < 0.06); // 2 % of the peak's height of 3
}

TEST_CASE("the files that are exported hold the curves of the report") {
    SQD_SHARED_DATA_OR_SKIP(cerium, "total_scattering/Ce_metallic_glass");
    Workplace const place;
    ReduceRequest request;
    request.sample = cerium / "Cerium.dat";
    request.background = cerium / "background.xy";
    request.scale = 0.927;
    FilesReduced const reduced = reduce_files(request, place.config);
    ReducedResult const& result = reduced.result;
    fs::path const out = place.directory.path() / "out";
    TextHeader const header = reduce_header(request, place.config, result);
    CHECK(export_curves(result, header, out, Overwrite::no).size() == 4);
    CHECK_THROWS_WITH_AS(export_curves(result, header, out, Overwrite::no), doctest::Contains("--overwrite"), IoError);
    Pattern1D const s = read_pattern_file(out / "Cerium.sq", {}).pattern;
    CHECK(s.radial.size() == result.curves.sq->q_invA.size());
    CHECK(s.intensity[100] == doctest::Approx(result.curves.sq->s[100]).epsilon(1e-9));
    CHECK(read_whole_file(out / "Cerium.gr").find("composition = Ce70Al10Ni10Cu10") != std::string::npos);

    Json const json = reduce_json(reduced);
    CHECK(json["fsdp"]["values"]["q1"] == result.curves.fsdp->q1);
    CHECK(json["sq"]["arrays"]["S"].size() == result.curves.sq->s.size());
    CHECK(json["gr"]["arrays"]["G"][5] == result.curves.gr->g[5]);
    CHECK(reduce_text(reduced).find("q1          2.2") != std::string::npos);
}

TEST_CASE("images are averaged as frames: more of them, the same curve, smaller errors") {
    Workplace const place;
    fs::path const image = place.directory.path() / "flat.npy";
    write_npy(image, 256, 256, 40);
    ReduceRequest request;
    request.sample = image;
    ReducedResult const one = reduce_files(request, place.config).result;
    request.frames = 100;
    ReducedResult const many = reduce_files(request, place.config).result;
    CHECK(has_flag(one, "no_background"));
    CHECK(has_flag(one, "frames_assumed_1"));
    CHECK_FALSE(has_flag(many, "frames_assumed_1"));
    std::vector<double> const& a = one.curves.pattern.intensity;
    REQUIRE(a.size() == 300);
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(many.curves.pattern.intensity[i] == doctest::Approx(a[i]).epsilon(1e-12));
        CHECK(many.curves.pattern.sigma[i] == doctest::Approx(one.curves.pattern.sigma[i] / 10).epsilon(1e-12));
    }
    request.exposure_s = 2;
    CHECK(reduce_files(request, place.config).result.curves.pattern.intensity[150] == doctest::Approx(a[150] / 2).epsilon(1e-12));
}

TEST_CASE("an image less itself is nothing, and a scale of a half leaves a half") {
    Workplace const place;
    fs::path const image = place.directory.path() / "flat.npy";
    write_npy(image, 256, 256, 40);
    ReduceRequest request;
    request.sample = request.background = image;
    request.scale = 1;
    ReducedResult const nothing = reduce_files(request, place.config).result;
    for (double const i : nothing.curves.net->intensity) CHECK(std::abs(i) < 1e-9);
    request.scale = 0.5;
    ReducedResult const half = reduce_files(request, place.config).result;
    for (std::size_t i = 0; i < half.curves.net->intensity.size(); ++i)
        CHECK(half.curves.net->intensity[i] == doctest::Approx(half.curves.pattern.intensity[i] / 2));
}

TEST_CASE("without a scale the background is weighted with the sample's transmission") {
    Workplace const place;
    fs::path const image = place.directory.path() / "flat.npy";
    write_npy(image, 256, 256, 40);
    ReduceRequest request;
    request.sample = request.background = image;
    ReducedCurves const curves = reduce_files(request, place.config).result.curves;
    REQUIRE(curves.transmission);
    CHECK(*curves.transmission < 1);
    CHECK(curves.background_scale == *curves.transmission);
}

TEST_CASE("an image of another detector is refused") {
    Workplace const place;
    fs::path const image = place.directory.path() / "other.npy";
    write_npy(image, 16, 16, 1);
    ReduceRequest request;
    request.sample = image;
    CHECK_THROWS_AS(reduce_files(request, place.config), DataError);
}

TEST_CASE("the report says in which unit each input was taken, and flags one that was assumed beside one that was stated") {
    Workplace const place;
    auto const write = [&](char const* file, char const* header) {
        fs::path const path = place.directory.path() / file;
        std::ofstream out(path);
        out << header;
        for (int i = 0; i < 60; ++i) out << 1 + 0.1 * i << " " << 100 + i << " 1\n";
        return path.string();
    };
    std::string const angles = write("angles.xy", "# 2theta (deg)  intensity\n"), silent = write("silent.xy", "# from the lab\n");
    auto const reduced = [&](std::string const& sample, std::string const& background) {
        ReduceRequest request;
        request.sample = sample;
        request.background = background;
        return reduce_files(request, place.config);
    };
    FilesReduced const mixed = reduced(angles, silent);
    CHECK(has_flag(mixed.result, "background_unit_assumed"));
    CHECK_FALSE(has_flag(mixed.result, "sample_unit_assumed"));
    CHECK(reduce_text(mixed).find("sample 2th_deg (stated: header)") != std::string::npos);
    CHECK(reduce_text(mixed).find("background q_A^-1 (assumed)") != std::string::npos);
    CHECK(reduce_json(mixed)["inputs"][1]["unit_from"] == "assumed");
    CHECK(has_flag(reduced(silent, angles).result, "sample_unit_assumed"));
    FilesReduced const neither = reduced(silent, silent), both = reduced(angles, angles);
    for (char const* flag : {"sample_unit_assumed", "background_unit_assumed"}) {
        CHECK_FALSE(has_flag(neither.result, flag));
        CHECK_FALSE(has_flag(both.result, flag));
    }
}

TEST_CASE("a composition that does not make a whole is said in words and as a flag") {
    SQD_SHARED_DATA_OR_SKIP(cerium, "total_scattering/Ce_metallic_glass");
    Workplace place;
    ReduceRequest request;
    request.sample = cerium / "Cerium.dat";
    request.background = cerium / "background.xy";
    CHECK(reduce_text(reduce_files(request, place.config)).find("sum to") == std::string::npos);
    place.config.reduction.sample.composition = parse_composition("Ce70Al10Ni10Cu20");
    auto const reduced = reduce_files(request, place.config);
    CHECK(has_flag(reduced.result, "composition_normalized:110"));
    CHECK(reduce_text(reduced).find("the amounts of Ce70Al10Ni10Cu20 sum to 110, not to 100") != std::string::npos);
}
