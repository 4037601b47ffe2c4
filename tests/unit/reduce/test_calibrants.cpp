// Calibrants against pyFAI's files, the rules of their space groups, and certificates.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/calibrants.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <set>
#include <sstream>

using namespace sqd;

namespace {

/// A line of pyFAI's files: "3.12441816 # (1, 1, 1) 8 weak".
struct PeerLine {
    double d_A;
    int multiplicity;
    bool weak, forbidden;
};

std::vector<PeerLine> peer_lines(std::filesystem::path const& file) {
    std::vector<PeerLine> out;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        if (line.empty() || line[0] == '#') continue;
        PeerLine each{std::stod(line), 0, line.find("eak") != std::string::npos,
                      line.find("(2, 0, 7)") != std::string::npos || line.find("(4, -4, -7)") != std::string::npos};
        if (auto const after = line.find(')'); after != std::string::npos) each.multiplicity = std::atoi(line.c_str() + after + 1);
        out.push_back(each);
    }
    return out;
}

CalibrantLine const* nearest(std::vector<CalibrantLine> const& lines, double d_A) {
    auto const found = std::min_element(lines.begin(), lines.end(),
                                        [d_A](auto const& a, auto const& b) { return std::abs(a.d_A - d_A) < std::abs(b.d_A - d_A); });
    return found == lines.end() ? nullptr : &*found;
}

std::vector<double> intensities(char const* name, double q_max, std::vector<std::array<int, 3>> const& wanted) {
    auto const lines = calibrant_lines(calibrant(name), q_max);
    std::vector<double> out;
    for (auto const& hkl : wanted) {
        auto const found = std::find_if(lines.begin(), lines.end(), [&](auto const& line) { return line.hkl == hkl; });
        out.push_back(found == lines.end() ? 0 : found->intensity);
    }
    return out;
}

} // namespace

TEST_CASE("pyFAI's lines are ours") {
    std::filesystem::path const folder = "/usr/lib/python3/dist-packages/pyFAI/resources/calibration";
    if (!std::filesystem::exists(folder)) {
        MESSAGE("SKIPPED: pyFAI's calibrants are not here");
        return;
    }
    struct Peer {
        char const *file, *name;
        double a_A;
        std::optional<double> c_A; // of the file, where it is not our certificate's
        double our_cell;           // what our cell may differ by, relative, with the reason
    };
    for (auto const& peer : {
             Peer{"CeO2.D", "CeO2", 5.411651, {}, 2e-8},           // SRM 674b both; their d is rounded to 1e-8
             Peer{"LaB6_SRM660c.D", "LaB6", 4.156826, {}, 2e-8},   // the same certificate
             Peer{"LaB6_SRM660b.D", "LaB6", 4.15689, {}, 2e-5},    // another batch, 15 ppm
             Peer{"Si_SRM640e.D", "Si", 5.431179, {}, 3e-8},       // the same certificate; their sqrt(3) is rounded
             Peer{"Si.D", "Si", 5.431194, {}, 2e-5},               // SRM 640c, 3 ppm
             Peer{"Cr2O3.D", "Cr2O3", 4.958979, 13.59592, 2e-8},   // SRM 674b both
             Peer{"alpha_Al2O3.D", "Al2O3", 4.757, 12.9877, 5e-4}, // not a standard but one crystal, 440 ppm smaller than SRM 676a
         }) {
        CAPTURE(peer.file);
        auto const theirs = peer_lines(folder / peer.file);
        REQUIRE(theirs.size() > 10);
        Calibrant as_theirs = calibrant(peer.name);
        as_theirs.a_A = peer.a_A;
        as_theirs.c_A = peer.c_A;
        double const d_min = std::max(theirs.back().d_A, 0.3);
        double const q_max = 2 * std::numbers::pi / d_min * 1.001;
        auto const lines = calibrant_lines(as_theirs, q_max), own = calibrant_lines(calibrant(peer.name), q_max);
        std::set<CalibrantLine const*> met;
        for (auto const& line : theirs) {
            if (line.d_A < d_min * 1.001) break;
            CAPTURE(line.d_A);
            if (line.forbidden) continue; // 2 0 7 of alpha_Al2O3 and 4 -4 -7 of Cr2O3: odd l in the glide's plane
            auto const* const ours = nearest(lines, line.d_A);
            CHECK(ours->d_A == doctest::Approx(line.d_A).epsilon(4e-7)); // their cell is rounded
            CHECK(nearest(own, line.d_A)->d_A == doctest::Approx(line.d_A).epsilon(peer.our_cell + 4e-7));
            // For trigonal cells they count (h k l) and (k h l) together, or by halves
            if (!peer.c_A) CHECK(ours->multiplicity == line.multiplicity);
            if (!line.weak) CHECK(ours->intensity > 0.02);
            met.insert(ours);
        }
        // what they leave out is weak, but for the lines that stand where they have forbidden ones
        std::set<std::array<int, 3>> const replaced{{3, 0, 0}, {4, 1, 0}};
        for (auto const& line : lines) {
            if (line.d_A > d_min * 1.001 && met.count(&line) == 0 && !(peer.c_A && replaced.count(line.hkl) > 0)) {
                CAPTURE(line.d_A);
                CHECK(line.intensity < 3);
            }
        }
    }
}

TEST_CASE("what the structure factor leaves is what the space group allows") {
    for (auto const& crystal : calibrants()) {
        CAPTURE(crystal.name);
        auto const lines = calibrant_lines(crystal, 9);
        REQUIRE(lines.size() >= 15);
        for (auto const& line : lines) CHECK(reflection_allowed(crystal, line.hkl));
        // and the other way: an allowed reflection is on a line, but for accidents (oxygen against metal in corundum)
        std::size_t absent = 0, allowed = 0;
        for (int h = -5; h <= 5; ++h) {
            for (int k = -5; k <= 5; ++k) {
                for (int l = -5; l <= 5; ++l) {
                    double const a2 = crystal.a_A * crystal.a_A;
                    double const inverse = crystal.c_A ? 4.0 * (h * h + h * k + k * k) / (3 * a2) + l * l / (*crystal.c_A * *crystal.c_A)
                                                       : (h * h + k * k + l * l) / a2;
                    double const d = 1 / std::sqrt(inverse);
                    if (!(inverse > 0) || 2 * std::numbers::pi / d > 8.9 || !reflection_allowed(crystal, {h, k, l})) continue;
                    ++allowed;
                    if (std::abs(nearest(lines, d)->d_A / d - 1) > 1e-9) ++absent;
                }
            }
        }
        CHECK(allowed > 50);
        CHECK(absent == 0);
    }
    Calibrant strange = calibrant("Si");
    strange.name = "Ge";
    CHECK_THROWS_AS(reflection_allowed(strange, {1, 1, 1}), DataError);
}

TEST_CASE("lines and their multiplicities as every table of powder lines has them") {
    auto const si = calibrant_lines(calibrant("Si"), 7);
    REQUIRE(si.size() >= 7);
    std::vector<std::array<int, 3>> const expected{{1, 1, 1}, {2, 2, 0}, {3, 1, 1}, {4, 0, 0}, {3, 3, 1}, {4, 2, 2}, {5, 1, 1}};
    std::vector<int> const multiplicity{8, 12, 24, 6, 24, 24, 32};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(si[i].hkl == expected[i]);
        CHECK(si[i].multiplicity == multiplicity[i]);
    }
    CHECK(si[0].d_A == doctest::Approx(5.431179 / std::sqrt(3)).epsilon(1e-12));
    CHECK(si[0].q_invA == doctest::Approx(2 * std::numbers::pi * std::sqrt(3) / 5.431179).epsilon(1e-12));
    // corundum, the classical seven and 202: 012 and its like are 6 of the 12 of a hexagonal lattice
    auto const al2o3 = calibrant_lines(calibrant("Al2O3"), 4);
    REQUIRE(al2o3.size() == 8);
    std::vector<int> const corundum{6, 6, 6, 2, 12, 6, 6, 12};
    for (std::size_t i = 0; i < 8; ++i) CHECK(al2o3[i].multiplicity == corundum[i]);
    CHECK(al2o3[0].d_A == doctest::Approx(3.4800).epsilon(1e-4)); // ICDD 46-1212: 3.4797
    CHECK(al2o3[1].d_A == doctest::Approx(2.5512).epsilon(1e-4)); // 2.5508
    CHECK(al2o3[4].d_A == doctest::Approx(2.0855).epsilon(1e-4)); // 2.0853
}

// ICDD's peak heights for Cu K alpha: 100 for the strongest, 40 % allowed since heights are not integrals and atoms move.
TEST_CASE("intensities are those of the tables, once their Lorentz and polarisation factors are in") {
    auto const check = [](char const* name, std::vector<std::array<int, 3>> const& lines, std::vector<double> const& table) {
        CAPTURE(name);
        auto const found = intensities(name, 5, lines);
        auto const all = calibrant_lines(calibrant(name), 5);
        std::vector<double> as_table;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            auto const line = std::find_if(all.begin(), all.end(), [&](auto const& each) { return each.hkl == lines[i]; });
            REQUIRE(line != all.end());
            double const sine = 1.5406 / (2 * line->d_A), cosine = std::sqrt(1 - sine * sine), cos2 = 1 - 2 * sine * sine;
            as_table.push_back(found[i] / (line->d_A * line->d_A) * (1 + cos2 * cos2) / (sine * sine * cosine));
        }
        double const strongest = *std::max_element(as_table.begin(), as_table.end());
        for (std::size_t i = 0; i < table.size(); ++i) {
            CAPTURE(i);
            CHECK(100 * as_table[i] / strongest < 1.4 * table[i]);
            CHECK(100 * as_table[i] / strongest > table[i] / 1.4);
        }
    };
    check("Si", {{1, 1, 1}, {2, 2, 0}, {3, 1, 1}}, {100, 55, 30});                                                 // 27-1402
    check("CeO2", {{1, 1, 1}, {2, 0, 0}, {2, 2, 0}, {3, 1, 1}}, {100, 30, 52, 42});                                // 34-0394
    check("LaB6", {{1, 0, 0}, {1, 1, 0}, {1, 1, 1}, {2, 0, 0}}, {60, 100, 45, 25});                                // 34-0427
    check("Cr2O3", {{0, 1, 2}, {1, 0, 4}, {1, 1, 0}, {1, 1, 3}, {0, 2, 4}, {1, 1, 6}}, {73, 100, 93, 37, 38, 87}); // 38-1479
    check("Al2O3", {{0, 1, 2}, {1, 0, 4}, {1, 1, 0}, {1, 1, 3}, {0, 2, 4}, {1, 1, 6}}, {72, 98, 44, 100, 48, 96}); // 46-1212
    CHECK(intensities("Si", 5, {{2, 0, 0}, {2, 2, 2}}) == std::vector<double>{0, 0});
}

TEST_CASE("calibrants go by their names, and some papers' names") {
    CHECK(calibrant("ceo2").name == "CeO2");
    CHECK(calibrant("CrO3").name == "Cr2O3");
    CHECK(calibrant("alpha-Al2O3").source == "NIST SRM 676a");
    CHECK_THROWS_WITH_AS(calibrant("Pt"), "calibrant 'Pt' (its lattice is not known here) use one of Al2O3, CeO2, Cr2O3, LaB6, Si",
                         DataError);
    CHECK(calibrant_lines(calibrant("Si"), 1.0).empty());
}
