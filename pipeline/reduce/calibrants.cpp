// Cells of the calibrants, and their powder lines by enumeration of reflections.
#include "pipeline/reduce/calibrants.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/form_factors.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

namespace sqd {

namespace {

using Position = std::array<double, 3>;

/// Each position moved by each translation of a centred lattice.
std::vector<AtomSite> centred(std::vector<AtomSite> const& sites, std::vector<Position> const& translations) {
    std::vector<AtomSite> out;
    for (auto const& t : translations) {
        for (auto const& [z, p] : sites) out.push_back({z, {p[0] + t[0], p[1] + t[1], p[2] + t[2]}});
    }
    return out;
}

std::vector<AtomSite> face_centred(std::vector<AtomSite> const& sites) {
    return centred(sites, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}});
}

/// The corundum type M2O3, R -3 c (167), hexagonal axes: M on 12c (0 0 z), O on 18e (x 0 1/4).
std::vector<AtomSite> corundum_type(int metal, double z, double x) {
    std::vector<AtomSite> sites;
    for (double const l : {z, 0.5 - z, -z, 0.5 + z}) sites.push_back({metal, {0, 0, l}});
    for (auto const& p : {Position{x, 0, 0.25}, {0, x, 0.25}, {-x, -x, 0.25}, {-x, 0, 0.75}, {0, -x, 0.75}, {x, x, 0.75}}) {
        sites.push_back({8, p});
    }
    return centred(sites, {{0, 0, 0}, {2. / 3, 1. / 3, 1. / 3}, {1. / 3, 2. / 3, 2. / 3}});
}

std::vector<Calibrant> all_calibrants() {
    constexpr double boron = 0.1996;
    std::vector<AtomSite> const lab6{{57, {0, 0, 0}},         {5, {boron, 0.5, 0.5}}, {5, {-boron, 0.5, 0.5}}, {5, {0.5, boron, 0.5}},
                                     {5, {0.5, -boron, 0.5}}, {5, {0.5, 0.5, boron}}, {5, {0.5, 0.5, -boron}}};
    return {
        {"Al2O3", "corundum, R -3 c", "NIST SRM 676a", 22.5, 4.759091, 12.991779, corundum_type(13, 0.35216, 0.30624),
         "Lewis, Schwarzenbach & Flack, Acta Cryst. A38, 733 (1982)"},
        {"CeO2", "ceria, F m -3 m", "NIST SRM 674b", 22.5, 5.411651, std::nullopt,
         face_centred({{58, {0, 0, 0}}, {8, {0.25, 0.25, 0.25}}, {8, {0.75, 0.75, 0.75}}}), "fluorite type, no free parameter"},
        {"Cr2O3", "eskolaite, R -3 c", "NIST SRM 674b", 22.5, 4.958979, 13.59592, corundum_type(24, 0.34751, 0.3056),
         "Finger & Hazen, J. Appl. Phys. 51, 5362 (1980)"},
        {"LaB6", "lanthanum hexaboride, P m -3 m", "NIST SRM 660c", 22.5, 4.156826, std::nullopt, lab6,
         "boron at x = 0.1996, NIST SRM 660b"},
        {"Si", "silicon, F d -3 m", "NIST SRM 640e", 22.5, 5.431179, std::nullopt,
         face_centred({{14, {0, 0, 0}}, {14, {0.25, 0.25, 0.25}}}), "diamond type, no free parameter"},
    };
}

/// |F|^2 of one reflection [electrons^2].
double structure_factor_squared(Calibrant const& crystal, std::array<int, 3> const& hkl, std::map<int, double> const& f0) {
    std::complex<double> sum = 0;
    for (auto const& [z, p] : crystal.atoms) {
        double const phase = 2 * std::numbers::pi * (hkl[0] * p[0] + hkl[1] * p[1] + hkl[2] * p[2]);
        sum += f0.at(z) * std::polar(1.0, phase);
    }
    return std::norm(sum);
}

double inverse_d_squared(Calibrant const& crystal, std::array<int, 3> const& hkl) {
    double const h = hkl[0], k = hkl[1], l = hkl[2], a2 = crystal.a_A * crystal.a_A;
    if (!crystal.c_A) return (h * h + k * k + l * l) / a2;
    return 4 * (h * h + h * k + k * k) / (3 * a2) + l * l / (*crystal.c_A * *crystal.c_A);
}

/// All (hkl) but (000) with 1/d^2 up to a limit, 1/d^2 ascending.
std::vector<std::pair<double, std::array<int, 3>>> reflections(Calibrant const& crystal, double limit) {
    std::vector<std::pair<double, std::array<int, 3>>> out;
    double const largest = std::sqrt(limit);
    int const in_plane = static_cast<int>(largest * crystal.a_A), along = static_cast<int>(largest * crystal.c_A.value_or(crystal.a_A));
    for (int h = -in_plane; h <= in_plane; ++h) {
        for (int k = -in_plane; k <= in_plane; ++k) {
            for (int l = -along; l <= along; ++l) {
                double const here = inverse_d_squared(crystal, {h, k, l});
                if (here > 0 && here <= limit) out.push_back({here, {h, k, l}});
            }
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// Tables name a line by non-negative indices, the largest first.
bool names_better_by(std::array<int, 3> const& a, std::array<int, 3> const& b) {
    auto const plain = [](auto const& hkl) { return *std::min_element(hkl.begin(), hkl.end()) >= 0; };
    return plain(a) != plain(b) ? plain(b) : a < b;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

} // namespace

std::vector<Calibrant> const& calibrants() {
    static std::vector<Calibrant> const all = all_calibrants();
    return all;
}

Calibrant const& calibrant(std::string_view name) {
    static std::map<std::string, std::string> const others{
        {"alpha-al2o3", "al2o3"}, {"alpha_al2o3", "al2o3"}, {"corundum", "al2o3"}, {"cro3", "cr2o3"}};
    std::string wanted = lower_case(name);
    if (auto const other = others.find(wanted); other != others.end()) wanted = other->second;
    std::string known;
    for (auto const& each : calibrants()) {
        if (lower_case(each.name) == wanted) return each;
        known += (known.empty() ? "" : ", ") + each.name;
    }
    throw DataError("calibrant '" + std::string(name) + "' (its lattice is not known here) use one of " + known);
}

bool reflection_allowed(Calibrant const& crystal, std::array<int, 3> const& hkl) {
    auto const [h, k, l] = hkl;
    bool const even = h % 2 == 0 && k % 2 == 0 && l % 2 == 0, odd = h % 2 != 0 && k % 2 != 0 && l % 2 != 0;
    if (crystal.name == "CeO2") return even || odd;
    if (crystal.name == "Si") return odd || (even && (h + k + l) % 4 == 0);
    if (crystal.name == "LaB6") return true;
    bool const on_glide = h == -k || h == 0 || k == 0; // the three of one kind
    if (crystal.c_A) return (-h + k + l) % 3 == 0 && (!on_glide || l % 2 == 0);
    throw DataError("reflections of '" + crystal.name + "' (its space group is not known here) use the structure factor alone");
}

std::vector<CalibrantLine> calibrant_lines(Calibrant const& crystal, double q_max_invA) {
    constexpr double same = 1e-9;     // relative, of 1/d^2: the rounding of one d spacing, far below the distance of two
    constexpr double vanished = 1e-9; // of f^2 summed over the cell: rounding of the phases leaves 1e-28
    std::vector<CalibrantLine> lines;
    std::map<int, double> f0;
    double atoms_squared = 0;
    double last = 0;
    bool listed = false;
    auto const all = reflections(crystal, std::pow(q_max_invA / (2 * std::numbers::pi), 2));
    for (auto const& [inverse_d2, hkl] : all) {
        double const d = 1 / std::sqrt(inverse_d2), q = 2 * std::numbers::pi / d;
        if (!(std::abs(inverse_d2 - last) < same * inverse_d2)) {
            atoms_squared = 0;
            for (auto const& atom : crystal.atoms) f0[atom.z] = form_factor(atom.z, q);
            for (auto const& atom : crystal.atoms) atoms_squared += f0[atom.z] * f0[atom.z];
            last = inverse_d2;
            listed = false;
        }
        double const f2 = structure_factor_squared(crystal, hkl, f0);
        if (f2 < vanished * atoms_squared) continue;
        if (!listed) lines.push_back({hkl, d, q, 0, 0});
        listed = true;
        auto& line = lines.back();
        line.hkl = std::max(line.hkl, hkl, names_better_by);
        ++line.multiplicity;
        line.intensity += f2 * d * d;
    }
    double strongest = 0;
    for (auto const& line : lines) strongest = std::max(strongest, line.intensity);
    for (auto& line : lines) line.intensity *= 100 / strongest;
    return lines;
}

} // namespace sqd
