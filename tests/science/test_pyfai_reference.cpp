// Real images integrated by pyFAI 0.21.3 and by this program. Each reference file's first line is the call that made it.
#include "daemon/import/mask_image.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/frame_accumulator.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/selection.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/memory_frame.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace sqd;
using std::filesystem::path;

namespace {

std::string read_bytes(path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Columns of a reference: radial, intensity, sigma, sum of signal, of variance, of norm, count.
struct Reference {
    explicit Reference(path const& file) {
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);) {
            if (line.empty() || line[0] == '#') continue;
            char const* at = line.c_str();
            for (auto* column : {&radial, &intensity, &sigma, &signal, &variance, &norm, &count}) {
                char* end = nullptr;
                column->push_back(std::strtod(at, &end)); // streams do not read "nan"
                at = end;
            }
        }
    }
    std::vector<double> radial, intensity, sigma, signal, variance, norm, count;
};

// CeO2_Pilatus1M.poni of the recording; the image is flipped up-down, as that .poni wants it.
Geometry ceo2_geometry() {
    return {.distance_m = 0.208651380603,
            .poni1_m = 0.0872948482846,
            .poni2_m = 0.0799601126306,
            .rot1_rad = -0.0184422457059,
            .rot2_rad = 0.00413760084465,
            .rot3_rad = -2.77645988275e-08,
            .pixel1_m = 0.000172,
            .pixel2_m = 0.000172,
            .rows = 1043,
            .cols = 981,
            .wavelength_A = 0.4066};
}

Frame ceo2_frame(path const& folder) {
    std::string const bytes = read_bytes(folder / "CeO2_Pilatus1M_flipud_1043x981_i32le.raw");
    Image<std::uint32_t> image(1043, 981);
    REQUIRE(bytes.size() == image.size() * 4);
    std::memcpy(image.pixels.data(), bytes.data(), bytes.size());
    for (auto& pixel : image.pixels) pixel = pixel > 0x7fffffff ? test::invalid_pixel : pixel; // gaps are -1, dead pixels -2
    return test::memory_frame(image, 0);
}

struct Integrated {
    BinMap bins;
    BinnedCounts sums;
    Pattern1D pattern;
};

/// Through the hot path, as a detector's frame would go.
Integrated integrate(Frame const& frame, Geometry const& geometry, Mask const& mask, IntegrationConfig const& config) {
    auto const bins = std::make_shared<BinMap>(build_bin_map(geometry, mask, config, std::nullopt, 30, serial_for()));
    FrameAccumulator accumulator(bins);
    auto const outcome = accumulator.add(std::span(&frame, 1), serial_for());
    REQUIRE(outcome[0].reason == "");
    BinnedCounts const sums = sum_frames(*bins, {outcome[0].counts});
    return {*bins, sums, to_pattern(*bins, sums)};
}

double relative(double a, double b) {
    return a == b ? 0 : std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

/// Worst relative deviations from a reference in the bins that are compared.
struct Deviation {
    double radial = 0; ///< of the last bin's centre
    double norm = 0, intensity = 0, sigma = 0;
    int bins_of_other_pixels = 0;
};

Deviation compare(Integrated const& ours, Reference const& theirs, std::vector<bool> const& passed_over) {
    REQUIRE(ours.pattern.radial.size() == theirs.radial.size());
    Deviation out;
    for (std::size_t b = 0; b < theirs.radial.size(); ++b) {
        out.radial = std::max(out.radial, std::abs(ours.pattern.radial[b] - theirs.radial[b]) / theirs.radial.back());
        if (passed_over[b]) continue;
        if (ours.sums.pixels[b] != theirs.count[b]) ++out.bins_of_other_pixels;
        if (theirs.count[b] == 0) {
            CHECK(std::isnan(ours.pattern.intensity[b]));
            continue;
        }
        CHECK(relative(ours.sums.counts[b], theirs.signal[b]) < 1e-8); // the reference has 9 digits
        out.norm = std::max(out.norm, relative(ours.sums.norm[b], theirs.norm[b]));
        out.intensity = std::max(out.intensity, relative(ours.pattern.intensity[b], theirs.intensity[b]));
        // pyFAI's variance is the sum of max(1, count) of pixels, ours the larger of 1 and the sum: the same without empty pixels
        if (theirs.variance[b] == theirs.signal[b]) out.sigma = std::max(out.sigma, relative(ours.pattern.sigma[b], theirs.sigma[b]));
    }
    return out;
}

void report(std::string const& what, Deviation const& d) {
    MESSAGE(what << ": radial " << d.radial << ", norm " << d.norm << ", intensity " << d.intensity << ", sigma " << d.sigma);
}

/// The bins between which float32 moves pixels, and how many pixels those are.
struct Moved {
    std::vector<bool> bins;
    int pixels = 0, across_more_than_one_edge = 0;
};

Moved moved_by_float32(BinMap const& exact, BinMap const& compat) {
    Moved out{std::vector<bool>(exact.axis.size() + 1), 0, 0};
    for (std::size_t i = 0; i < exact.pixels(); ++i) {
        if (exact.bin[i] == compat.bin[i]) continue;
        out.bins[exact.bin[i]] = out.bins[compat.bin[i]] = true;
        if (compat.bin[i] == 0 && exact.bin[i] == exact.axis.size()) continue; // pyFAI truncates (-1, 0) to bin 0
        ++out.pixels;
        if (std::abs(exact.bin[i] - compat.bin[i]) != 1) ++out.across_more_than_one_edge;
    }
    return out;
}

std::vector<bool> none(IntegrationConfig const& config) {
    return std::vector<bool>(config.npt, false);
}

struct Case {
    char const* file;
    IntegrationConfig config;
};

std::vector<Case> ceo2_cases() {
    IntegrationConfig degrees;
    degrees.npt = 1000;
    degrees.unit = RadialUnit::two_theta_deg;
    IntegrationConfig invA = degrees, flat = degrees, polarized = degrees, range = degrees;
    invA.unit = RadialUnit::q_invA;
    flat.solid_angle = false;
    polarized.polarization_factor = 0.99;
    range.radial_range = std::pair{2.0, 20.0};
    return {{"2th_deg_no_csr.txt", degrees},           {"q_A^-1_no_csr.txt", invA},
            {"2th_deg_no_csr_noSA.txt", flat},         {"2th_deg_no_csr_pol0.99.txt", polarized},
            {"2th_deg_no_csr_poisson.txt", polarized}, {"2th_deg_no_csr_range.txt", range}};
}

} // namespace

TEST_CASE("every sampled pixel of two detectors looks where pyFAI says") {
    struct Recording {
        char const* samples;
        Geometry geometry;
    };
    Geometry const eiger{.distance_m = 3.6686878424718437,
                         .poni1_m = 0.1828310649839089,
                         .poni2_m = 0.1837458198147443,
                         .pixel1_m = 75e-6,
                         .pixel2_m = 75e-6,
                         .rows = 3262,
                         .cols = 3108,
                         .wavelength_A = 1.0332016449700001};
    for (auto const& [samples, g] : {Recording{"integration/dioptas_ceo2_pilatus1m/ref_flipud/pixel_samples.txt", ceo2_geometry()},
                                     Recording{"integration/bioxtas_eiger2_9m/ref/pixel_samples.txt", eiger}}) {
        auto const found = test::shared_data(samples);
        if (!found) {
            MESSAGE("SKIPPED: recordings not found: " << samples);
            return;
        }
        auto const table = test::read_columns(*found); // row col z y x 2theta chi q[1/nm] solid angle, ...
        REQUIRE(table[0].size() == 300);
        for (std::size_t i = 0; i < table[0].size(); ++i) {
            LabPoint const p = lab_point(g, table[0][i] + 0.5, table[1][i] + 0.5);
            // pyFAI's pixel centres are float32: up to 2^-24 of 0.25 m, 1.5e-8 m, over the shortest radius of the samples
            CHECK(p.t3 == doctest::Approx(table[2][i]).epsilon(1e-7));
            CHECK(std::abs(p.t1 - table[3][i]) < 4e-8);
            CHECK(std::abs(p.t2 - table[4][i]) < 4e-8);
            CHECK(std::abs(two_theta_rad(p) - table[5][i]) < 4e-8 / g.distance_m);
            double const radius = std::hypot(p.t1, p.t2);
            CHECK(std::abs(chi_rad(p) - table[6][i]) < 8e-8 / radius);
            CHECK(std::abs(10 * q_invA(two_theta_rad(p), g.wavelength_A) - table[7][i]) < 40 * 3.15 / g.wavelength_A * 4e-8 / g.distance_m);
            CHECK(std::pow(p.cos_incidence, 3) == doctest::Approx(table[8][i]).epsilon(1e-6));
        }
    }
}

TEST_CASE("with compat pyfai the pixels of every bin are pyFAI's and intensities agree to its float32 rounding") {
    SQD_SHARED_DATA_OR_SKIP(folder, "integration/dioptas_ceo2_pilatus1m");
    Frame const frame = ceo2_frame(folder);
    Mask const mask = read_mask_image((folder / "mask_flipud.npy").string());
    for (auto [file, config] : ceo2_cases()) {
        config.pyfai_compat = true;
        Deviation const d = compare(integrate(frame, ceo2_geometry(), mask, config), Reference(folder / "ref_flipud" / file), none(config));
        report(file, d);
        CHECK(d.bins_of_other_pixels == 0);
        CHECK(d.sigma < 2e-7);
        CHECK(d.radial < 1e-8);
        CHECK(d.norm < 2e-7); // pyFAI keeps solid angle and polarisation in float32
        CHECK(d.intensity < 2e-7);
    }
}

TEST_CASE("in double precision only pixels that float32 moved across an edge differ from pyFAI") {
    SQD_SHARED_DATA_OR_SKIP(folder, "integration/dioptas_ceo2_pilatus1m");
    Frame const frame = ceo2_frame(folder);
    Mask const mask = read_mask_image((folder / "mask_flipud.npy").string());
    for (auto const& [file, config] : ceo2_cases()) {
        IntegrationConfig compat = config;
        compat.pyfai_compat = true;
        auto const ours = integrate(frame, ceo2_geometry(), mask, config);
        Moved const moved = moved_by_float32(ours.bins, integrate(frame, ceo2_geometry(), mask, compat).bins);
        Deviation const d = compare(ours, Reference(folder / "ref_flipud" / file), moved.bins);
        report(file, d);
        auto const bins = std::count(moved.bins.begin(), moved.bins.end(), true);
        MESSAGE(moved.pixels << " pixels moved between " << bins << " bins");
        // float32 moves a pixel by 1e-8 m at most, an edge passes through a pixel of 1.7e-4 m some twice: 1e6 x 2e-8 / 1.7e-4 = 120
        CHECK(moved.pixels < 120);
        CHECK(bins < 200);
        CHECK(moved.across_more_than_one_edge == 0);
        CHECK(d.bins_of_other_pixels == 0);
        CHECK(d.radial < 1e-6); // without a range the ends are pixels, which float32 moves too
        CHECK(d.norm < 1e-6);
        CHECK(d.intensity < 1e-6);
        CHECK(d.sigma < 1e-6);
    }
}

TEST_CASE("a compressed Eiger2 9M frame gives pyFAI's counts and intensities") {
    SQD_SHARED_DATA_OR_SKIP(folder, "integration/bioxtas_eiger2_9m");
    Geometry const geometry{.distance_m = 3.6686878424718437,
                            .poni1_m = 0.1828310649839089,
                            .poni2_m = 0.1837458198147443,
                            .pixel1_m = 75e-6,
                            .pixel2_m = 75e-6,
                            .rows = 3262,
                            .cols = 3108,
                            .wavelength_A = 1.0332016449700001};
    auto const bytes = std::make_shared<std::string const>(read_bytes(folder / "frame0.bslz4"));
    MessagePart const payload{std::as_bytes(std::span(*bytes)), bytes};
    Frame frame;
    frame.rows = geometry.rows;
    frame.cols = geometry.cols;
    frame.tiles = std::make_shared<BitshuffleTiles>(payload, PixelFormat{geometry.rows * geometry.cols, 4, 0xfffffffd});

    // The mask of the recording is where this frame holds no count.
    Mask mask(geometry.rows, geometry.cols);
    PixelScratch scratch;
    frame.tiles->prepare(scratch);
    Tile tile;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (i % tile_pixels == 0) frame.tiles->read(i / tile_pixels, tile);
        mask.pixels[i] = tile.invalid[i % tile_pixels / 64] >> (i % 64) & 1;
    }
    for (auto const& [file, range] : {std::pair{"qA_no_csr_poisson.txt", std::optional<std::pair<double, double>>{}},
                                      std::pair{"q_A^-1_no_csr_range.txt", std::optional(std::pair{0.01, 0.3})}}) {
        IntegrationConfig config;
        config.radial_range = range;
        config.pyfai_compat = true;
        Deviation const d = compare(integrate(frame, geometry, mask, config), Reference(folder / "ref" / file), none(config));
        report(file, d);
        CHECK(d.bins_of_other_pixels == 0);
        CHECK(d.norm < 2e-7);
        CHECK(d.intensity < 2e-7);
    }
}
